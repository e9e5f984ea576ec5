/* Files, mounts and namespaces as 2.6.32-431.el6 has them. Files and lines are those of its source. */
#include "kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#define RELEASE "2.6.32-431.el6.x86_64"

static int fail(int number)
{
    errno = number;
    return -1;
}

/* Is it PATTERN, or below it? In a pattern * is a name. */
static int is_below(const char *path, const char *pattern)
{
    for (; *pattern; pattern++) {
        if (*pattern == '*') {
            if (*path == '/' || !*path)
                return 0;
            path += strcspn(path, "/");
        } else if (*path++ != *pattern)
            return 0;
    }
    return *path == '\0' || *path == '/';
}

/* Not in fs/proc/base.c (tgid_base_stuff, line 2965, and tid_base_stuff, line 3324): thread-self, uid_map and their
   kin, children. Not in ns_entries, fs/proc/namespaces.c:18: user, cgroup, time. No /proc/sys/user: there is no
   kernel/ucount.c; no mount-max in fs/namespace.c, no addr_gen_mode and stable_secret in net/ipv6/addrconf.c. Modules of later kernels; what br_netfilter has is in bridge there. */
static int is_absent(const char *path)
{
    static const char *const patterns[] = {
        "/proc/thread-self", "/proc/*/uid_map", "/proc/*/gid_map", "/proc/*/projid_map", "/proc/*/setgroups",
        "/proc/*/task/*/children", "/proc/*/ns/user", "/proc/*/ns/cgroup", "/proc/*/ns/time",
        "/proc/sys/fs/mount-max", "/proc/sys/net/ipv6/conf/*/addr_gen_mode", "/proc/sys/net/ipv6/conf/*/stable_secret",
        "/proc/*/timerslack_ns", "/proc/*/ns/time_for_children", "/proc/*/ns/pid_for_children", "/proc/*/timens_offsets", "/proc/sys/user",
        "/sys/module/br_netfilter", "/sys/module/nf_tables", NULL};
    if (path == NULL || *path != '/')
        return 0;
    for (int at = 0; patterns[at] != NULL; at++)
        if (is_below(path, patterns[at]))
            return 1;
    return 0;
}

/* A descriptor with what that kernel would say instead, or -1. */
static int open_instead(const char *path, int flags)
{
    char text[65536] = "", line[1024];
    if (path == NULL || (flags & O_ACCMODE) != O_RDONLY)
        return -1;
    if (strcmp(path, "/proc/sys/kernel/osrelease") == 0)
        strcpy(text, RELEASE "\n");
    else if (strcmp(path, "/proc/modules") == 0) {
        REAL(FILE *, fopen, (const char *, const char *));
        FILE *from = real_fopen(path, "re");
        while (from != NULL && fgets(line, sizeof line, from) != NULL && strlen(text) + strlen(line) < sizeof text)
            if (strncmp(line, "br_netfilter ", 13) && strncmp(line, "nf_tables ", 10) && strncmp(line, "nft_", 4))
                strcat(text, line);
        if (from != NULL)
            fclose(from);
    } else
        return -1;
    int fd = todays(SYS_memfd_create, "kernel-el6", flags & O_CLOEXEC ? 1 : 0);
    todays(SYS_write, fd, text, strlen(text));
    todays(SYS_lseek, fd, 0, SEEK_SET);
    return fd;
}

/* O_PATH came with 2.6.39, O_TMPFILE with 3.11: neither is in include/asm-generic/fcntl.h. do_filp_open() passes over
   the first; the second, which has O_DIRECTORY in it and is for writing, is EISDIR, fs/namei.c. */
static int open_there(int at, const char *path, int flags, unsigned mode)
{
    if (is_absent(path))
        return fail(ENOENT);
    if ((flags & O_TMPFILE) == O_TMPFILE)
        return fail(EISDIR);
    int instead = open_instead(path, flags);
    return instead >= 0 ? instead : (int)todays(SYS_openat, at, path, flags, mode);
}

#define OPEN(name, ...)                                      \
    int name(__VA_ARGS__ const char *path, int flags, ...)   \
    {                                                        \
        unsigned mode = 0;                                   \
        if (flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY))) { \
            va_list arguments;                               \
            va_start(arguments, flags);                      \
            mode = va_arg(arguments, unsigned);              \
            va_end(arguments);                               \
        }                                                    \
        return open_there(HERE, path, flags, mode);          \
    }
#define HERE AT_FDCWD
OPEN(open, )
OPEN(open64, )
#undef HERE
#define HERE at
OPEN(openat, int at,)
OPEN(openat64, int at,)
int __open_2(const char *path, int flags) { return open_there(AT_FDCWD, path, flags, 0); }
int __open64_2(const char *path, int flags) { return open_there(AT_FDCWD, path, flags, 0); }
int __openat_2(int at, const char *path, int flags) { return open_there(at, path, flags, 0); }
int __openat64_2(int at, const char *path, int flags) { return open_there(at, path, flags, 0); }

#define UNLESS_ABSENT(type, error, name, parameters, ...)                          \
    type name parameters                                                           \
    {                                                                              \
        REAL(type, name, parameters);                                              \
        if (is_absent(path)) {                                                     \
            errno = ENOENT;                                                        \
            return error;                                                          \
        }                                                                          \
        return real_##name(__VA_ARGS__);                                           \
    }
UNLESS_ABSENT(int, -1, stat, (const char *path, struct stat *to), path, to)
UNLESS_ABSENT(int, -1, lstat, (const char *path, struct stat *to), path, to)
UNLESS_ABSENT(int, -1, stat64, (const char *path, struct stat64 *to), path, to)
UNLESS_ABSENT(int, -1, lstat64, (const char *path, struct stat64 *to), path, to)
UNLESS_ABSENT(int, -1, fstatat, (int at, const char *path, struct stat *to, int flags), at, path, to, flags)
UNLESS_ABSENT(int, -1, fstatat64, (int at, const char *path, struct stat64 *to, int flags), at, path, to, flags)
UNLESS_ABSENT(int, -1, __xstat, (int kind, const char *path, struct stat *to), kind, path, to)
UNLESS_ABSENT(int, -1, __lxstat, (int kind, const char *path, struct stat *to), kind, path, to)
UNLESS_ABSENT(int, -1, __xstat64, (int kind, const char *path, struct stat64 *to), kind, path, to)
UNLESS_ABSENT(int, -1, __lxstat64, (int kind, const char *path, struct stat64 *to), kind, path, to)

static FILE *fopen_there(const char *path, const char *mode)
{
    REAL(FILE *, fopen, (const char *, const char *));
    int fd = -1;
    if (is_absent(path)) {
        errno = ENOENT;
        return NULL;
    }
    if (mode[0] == 'r' && strchr(mode, '+') == NULL)
        fd = open_instead(path, strchr(mode, 'e') == NULL ? O_RDONLY : O_RDONLY | O_CLOEXEC);
    return fd < 0 ? real_fopen(path, mode) : fdopen(fd, mode);
}

FILE *fopen(const char *path, const char *mode) { return fopen_there(path, mode); }
FILE *fopen64(const char *path, const char *mode) { return fopen_there(path, mode); }

/* glibc does without the system call itself. */
UNLESS_ABSENT(int, -1, statx, (int at, const char *path, int flags, unsigned mask, struct statx *to), at, path, flags,
              mask, to)
UNLESS_ABSENT(int, -1, access, (const char *path, int mode), path, mode)
UNLESS_ABSENT(int, -1, faccessat, (int at, const char *path, int mode, int flags), at, path, mode, flags)
UNLESS_ABSENT(ssize_t, -1, readlink, (const char *path, char *to, size_t size), path, to, size)
UNLESS_ABSENT(ssize_t, -1, readlinkat, (int at, const char *path, char *to, size_t size), at, path, to, size)

/* sysfs has one superblock, whatever namespace it is mounted from: get_sb_single(), fs/sysfs/mount.c:79. Today's shows
   the links of the namespace of who mounts it, so it is mounted from the first one. */
int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data)
{
    int first = -1, own = -1, away = 0;
    if (type != NULL && strcmp(type, "sysfs") == 0 && !(flags & (MS_REMOUNT | MS_BIND | MS_MOVE))) {
        own = todays(SYS_openat, AT_FDCWD, "/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
        first = todays(SYS_openat, AT_FDCWD, first_namespace(), O_RDONLY | O_CLOEXEC);
        away = own >= 0 && first >= 0 && todays(SYS_setns, first, 0) == 0;
    }
    long status = todays(SYS_mount, source, target, type, flags, data);
    int kept = errno;
    if (away)
        todays(SYS_setns, own, 0);
    if (first >= 0)
        todays(SYS_close, first);
    if (own >= 0)
        todays(SYS_close, own);
    errno = kept;
    return status;
}

/* check_unshare_flags(), kernel/fork.c:1584: no CLONE_NEWUSER, CLONE_NEWCGROUP, CLONE_NEWTIME. */
int unshare(int flags)
{
    if (flags & ~(CLONE_THREAD | CLONE_FS | CLONE_NEWNS | CLONE_SIGHAND | CLONE_VM | CLONE_FILES | CLONE_SYSVSEM |
                  CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWPID))
        return fail(EINVAL);
    return todays(SYS_unshare, flags);
}

/* SYSCALL_DEFINE2(setns), kernel/nsproxy.c:227, after proc_ns_fget(), fs/proc/namespaces.c:319: there is no pidfd that
   it would take, so any descriptor but a namespace's is EINVAL. The others take one flag alone. */
int setns(int fd, int kind)
{
    if (kind & (kind - 1))
        return fail(EINVAL);
    return todays(SYS_setns, fd, kind);
}

/* arch/x86/include/asm/unistd_64.h: the last is process_vm_writev, 311; 299 to 311 have holes. */
long syscall(long number, ...)
{
    long words[6];
    va_list arguments;
    va_start(arguments, number);
    for (int at = 0; at < 6; at++)
        words[at] = va_arg(arguments, long);
    va_end(arguments);
#ifdef __x86_64__
    if (number > 311 || (number >= 300 && number <= 304))
        return fail(ENOSYS);
#endif
    if (number == SYS_setns)
        return setns(words[0], words[1]);
    if (number == SYS_unshare)
        return unshare(words[0]);
    return todays(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}

/* Later than 2.6.32, and not in that table. */
int memfd_create(const char *name, unsigned flags)
{
    (void)name, (void)flags;
    return fail(ENOSYS);
}

ssize_t getrandom(void *to, size_t size, unsigned flags)
{
    (void)to, (void)size, (void)flags;
    return fail(ENOSYS);
}

int renameat2(int from, const char *old, int to, const char *new, unsigned flags)
{
    (void)from, (void)old, (void)to, (void)new, (void)flags;
    return fail(ENOSYS);
}

int close_range(unsigned first, unsigned last, int flags)
{
    (void)first, (void)last, (void)flags;
    return fail(ENOSYS);
}

/* __NR_uname: the release that the package's kernel has. */
int uname(struct utsname *to)
{
    if (todays(SYS_uname, to) != 0)
        return -1;
    strcpy(to->release, RELEASE);
    strcpy(to->version, "#1 SMP Fri Nov 22 03:15:09 UTC 2013");
    return 0;
}
