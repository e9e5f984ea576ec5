/* Programs that are started get the stand-in too, whatever environment they are given. */
#include "kernel.h"

#include <alloca.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

enum { VARIABLES = 3 };
static const char *const names[VARIABLES] = {"LD_PRELOAD", "KERNEL_EL6_FIRST", "KERNEL_EL6_RECORD"};
static char kept[VARIABLES][4096];
static long (*real_syscall)(long, ...);
static int (*real_execve)(const char *, char *const *, char *const *);
static int (*real_execvpe)(const char *, char *const *, char *const *);

/* Before main(): a child of vfork(2) must not have to look for functions. */
__attribute__((constructor)) static void begin(void)
{
    *(void **)&real_execve = dlsym(RTLD_NEXT, "execve");
    *(void **)&real_execvpe = dlsym(RTLD_NEXT, "execvpe");
    for (int at = 0; at < VARIABLES; at++) {
        const char *value = getenv(names[at]);
        if (value != NULL)
            snprintf(kept[at], sizeof kept[at], "%s=%s", names[at], value);
    }
}

long todays_call(long number, long a, long b, long c, long d, long e, long f)
{
    if (real_syscall == NULL)
        *(void **)&real_syscall = dlsym(RTLD_NEXT, "syscall");
    return real_syscall(number, a, b, c, d, e, f);
}

static const char *value_of(int variable)
{
    return kept[variable][0] ? kept[variable] + strlen(names[variable]) + 1 : NULL;
}

const char *first_namespace(void) { return value_of(1) ? value_of(1) : "/proc/1/ns/net"; }

void record(const char *format, ...)
{
    char line[512], program[32] = "?";
    int before = errno, fd;
    if (value_of(2) == NULL)
        return;
    fd = todays(SYS_openat, AT_FDCWD, "/proc/self/comm", O_RDONLY | O_CLOEXEC);
    long length = todays(SYS_read, fd, program, sizeof program - 1);
    program[length > 0 ? length - 1 : 0] = '\0';
    todays(SYS_close, fd);
    va_list arguments;
    va_start(arguments, format);
    int written = vsnprintf(line, 400, format, arguments);
    va_end(arguments);
    written = written < 400 ? written : 399;
    written += snprintf(line + written, sizeof line - written, "\t%s\t%d\n", program, (int)getpid());
    fd = todays(SYS_openat, AT_FDCWD, value_of(2), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    todays(SYS_write, fd, line, written);
    todays(SYS_close, fd);
    errno = before;
}

void panic(const char *cause)
{
    record("panic: %s", cause);
    /* Both 0 where the session began outside of this PID namespace. */
    if (getpgrp() > 0 && getsid(0) == getpgrp())
        kill(0, SIGKILL);
    for (;;)
        kill(getpid(), SIGKILL);
}

/* How many variables `from` has, and how many entries fill() makes of them. */
static int count(char *const *from)
{
    int number = 0;
    while (from != NULL && from[number] != NULL)
        number++;
    return number + VARIABLES + 1;
}

/* KERNEL_EL6=off in its environment gives a program today's kernel. */
static void fill(char **to, char *const *from)
{
    int is_off = 0, has[VARIABLES] = {0};
    for (int at = 0; from != NULL && from[at] != NULL; at++)
        is_off = is_off || strcmp(from[at], "KERNEL_EL6=off") == 0;
    for (; from != NULL && *from != NULL; from++) {
        int named = -1;
        for (int at = 0; at < VARIABLES; at++)
            if (strncmp(*from, names[at], strlen(names[at])) == 0 && (*from)[strlen(names[at])] == '=')
                named = at;
        if (named >= 0)
            has[named] = 1;
        if (is_off ? named < 0 && strcmp(*from, "KERNEL_EL6=off") != 0 : 1)
            *to++ = *from;
    }
    for (int at = 0; at < VARIABLES && !is_off; at++)
        if (kept[at][0] && !has[at])
            *to++ = kept[at];
    *to = NULL;
}

int execve(const char *path, char *const *arguments, char *const *variables)
{
    char **all = alloca(count(variables) * sizeof *all);
    fill(all, variables);
    return real_execve(path, arguments, all);
}

int execvpe(const char *file, char *const *arguments, char *const *variables)
{
    char **all = alloca(count(variables) * sizeof *all);
    fill(all, variables);
    return real_execvpe(file, arguments, all);
}

int execv(const char *path, char *const *arguments) { return execve(path, arguments, environ); }

int execvp(const char *file, char *const *arguments) { return execvpe(file, arguments, environ); }

int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *attributes, char *const *arguments, char *const *variables)
{
    REAL(int, posix_spawn, (pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
                            char *const *, char *const *));
    char **all = alloca(count(variables) * sizeof *all);
    fill(all, variables);
    return real_posix_spawn(pid, path, actions, attributes, arguments, all);
}

int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
                 const posix_spawnattr_t *attributes, char *const *arguments, char *const *variables)
{
    REAL(int, posix_spawnp, (pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
                             char *const *, char *const *));
    char **all = alloca(count(variables) * sizeof *all);
    fill(all, variables);
    return real_posix_spawnp(pid, file, actions, attributes, arguments, all);
}
