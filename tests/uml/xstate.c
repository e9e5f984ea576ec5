/* Preloaded into linux.uml, so that it boots on a processor with AMX, and a NIC can be set up again.
 *
 * User-mode-linux 6.1 saves 2696 bytes of a process's registers, which were all of them before AMX. Linux accepts only
 * the whole set ("ptrace set fp regs failed, errno = 14"): where it refuses a part, it gets that part within the whole.
 *
 * A NIC of the transport fd closes its descriptor when it is set down or moved, and has none when it is set up again:
 * those that GUEST_NICS lists stay open.
 */
#define _GNU_SOURCE
#include <cpuid.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { XSTATE = 0x202, HEADER = 512 };
typedef long (*call)(int, ...);

/* Of the components that a state lists, those that its first `length` bytes have room for. The others are reset. */
static uint64_t kept(uint64_t listed, size_t length)
{
    uint64_t found = listed & 3;
    for (unsigned int number = 2; number < 63; number++) {
        unsigned int size = 0, offset = 0, flags = 0, unused = 0;
        if ((listed >> number & 1) && __get_cpuid_count(0xd, number, &size, &offset, &flags, &unused)
            && size && offset + size <= length)
            found |= (uint64_t)1 << number;
    }
    return found;
}

/* The rest is zero: it is reset, as no component of it is listed. */
static long set_whole(call real, int process, const struct iovec *part)
{
    static char whole[65536];
    static struct iovec all = {whole, 0};
    uint64_t listed;
    if (!all.iov_len) {
        struct iovec found = {whole, sizeof whole};
        if (real(PTRACE_GETREGSET, process, XSTATE, &found) < 0)
            return -1;
        memset(whole, 0, sizeof whole);
        all.iov_len = found.iov_len;
    }
    if (part->iov_len < HEADER + sizeof listed || part->iov_len > all.iov_len) {
        errno = EFAULT;
        return -1;
    }
    memcpy(whole, part->iov_base, part->iov_len);
    memcpy(&listed, whole + HEADER, sizeof listed);
    listed = kept(listed, part->iov_len);
    memcpy(whole + HEADER, &listed, sizeof listed);
    return real(PTRACE_SETREGSET, process, XSTATE, &all);
}

long ptrace(enum __ptrace_request request, ...)
{
    static call real;
    static int is_part;
    va_list words;
    va_start(words, request);
    int process = va_arg(words, int);
    void *address = va_arg(words, void *);
    void *data = va_arg(words, void *);
    va_end(words);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "ptrace");
    int is_set = request == PTRACE_SETREGSET && (long)address == XSTATE;
    long result = is_set && is_part ? -1 : real(request, process, address, data);
    if (is_set && (is_part || (result < 0 && errno == EFAULT))) {
        is_part = 1;
        return set_whole(real, process, data);
    }
    return result;
}

int close(int number)
{
    int one = -1, other = -1;
    const char *listed = getenv("GUEST_NICS");
    if (listed && sscanf(listed, "%d %d", &one, &other) == 2 && number >= 0 && (number == one || number == other))
        return 0;
    return syscall(SYS_close, number);
}
