/* The C library's functions on sockets, in front of its own. Files and lines are those of 2.6.32-431.el6's source. */
#include "kernel.h"

#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

static int fail(int number)
{
    errno = number;
    return -1;
}

static int is_rtnetlink(int fd) { return is_socket(fd, AF_NETLINK, NETLINK_ROUTE); }

/* br_ioctl_deviceless_stub(), net/bridge/br_ioctl.c:372, and the older way into it, line 349. */
static int makes_a_bridge(unsigned long request, const void *argument)
{
    return request == SIOCBRADDBR || ((request == SIOCSIFBR || request == SIOCGIFBR) && argument != NULL &&
                                      *(const unsigned long *)argument == BRCTL_ADD_BRIDGE);
}

/* What sock_ioctl() hands to the protocol, net/socket.c:946-1026, and what never comes to it: fs/ioctl.c:575-587. */
static int is_of_the_protocol(unsigned long request)
{
    switch (request) {
    case FIOCLEX: case FIONCLEX: case FIONBIO: case FIOASYNC:
    case FIOSETOWN: case SIOCSPGRP: case FIOGETOWN: case SIOCGPGRP:
    case SIOCGIFBR: case SIOCSIFBR: case SIOCBRADDBR: case SIOCBRDELBR:
    case SIOCGIFVLAN: case SIOCSIFVLAN: case SIOCADDDLCI: case SIOCDELDLCI:
        return 0;
    default:
        return (request < SIOCDEVPRIVATE || request > SIOCDEVPRIVATE + 15) && (request < 0x8B00 || request > 0x8BFF);
    }
}

int ioctl(int fd, unsigned long request, ...)
{
    REAL(int, ioctl, (int, unsigned long, ...));
    va_list arguments;
    va_start(arguments, request);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    unsigned long command = request & 0xffffffff;
    /* br_add_bridge(), net/bridge/br_if.c:360, calls br_sysfs_addbr(), but of another namespace than the first a link
       is not in sysfs (netdev_register_kobject(), net/core/net-sysfs.c:1237): BUG_ON(!kobj->sd) in fs/sysfs/group.c:65,
       and EL6 sets panic_on_oops. */
    if (makes_a_bridge(command, argument) && !is_in_first(fd))
        panic("SIOCBRADDBR in another network namespace than the first");
    /* sock_no_ioctl(), net/core/sock.c:1794, is netlink's: net/netlink/af_netlink.c:2092. */
    if (is_of_the_protocol(command) && is_socket(fd, AF_NETLINK, -1))
        return fail(EOPNOTSUPP);
    if (command == SIOCGSKNS && is_socket(fd, AF_INET, -1))
        return fail(EINVAL); /* dev_ioctl(), net/core/dev.c:5652: unknown */
    struct ifreq *about = argument;
    if (command == SIOCGIFNAME || command == SIOCBRADDIF || command == SIOCBRDELIF) {
        struct ifreq changed = *about;
        changed.ifr_ifindex = index_here(fd, about->ifr_ifindex);
        int status = real_ioctl(fd, request, &changed);
        memcpy(about->ifr_name, changed.ifr_name, IFNAMSIZ);
        return status;
    }
    int status = real_ioctl(fd, request, argument);
    if (command == SIOCGIFINDEX && status == 0)
        about->ifr_ifindex = index_there(fd, about->ifr_ifindex);
    return status;
}

/* sock_setsockopt() and sock_getsockopt(), net/core/sock.c:761 and 971: the highest is SO_RXQ_OVFL, 40
   (include/asm-generic/socket.h:66). netlink_setsockopt(), net/netlink/af_netlink.c:1184-1225: up to
   NETLINK_NO_ENOBUFS, 5. */
static int is_unknown(int level, int option)
{
    return (level == SOL_SOCKET && option > 40) || (level == SOL_NETLINK && option > NETLINK_NO_ENOBUFS);
}

int setsockopt(int fd, int level, int option, const void *value, socklen_t size)
{
    REAL(int, setsockopt, (int, int, int, const void *, socklen_t));
    return is_unknown(level, option) ? fail(ENOPROTOOPT) : real_setsockopt(fd, level, option, value, size);
}

int getsockopt(int fd, int level, int option, void *value, socklen_t *size)
{
    REAL(int, getsockopt, (int, int, int, void *, socklen_t *));
    return is_unknown(level, option) ? fail(ENOPROTOOPT) : real_getsockopt(fd, level, option, value, size);
}

static char *changed_copy(int fd, const void *data, size_t length)
{
    char *copy = malloc(length ? length : 1);
    if (copy != NULL) {
        memcpy(copy, data, length);
        change_requests(fd, copy, length);
    }
    return copy;
}

ssize_t sendto(int fd, const void *data, size_t length, int flags, const struct sockaddr *to, socklen_t size)
{
    REAL(ssize_t, sendto, (int, const void *, size_t, int, const struct sockaddr *, socklen_t));
    if (!is_rtnetlink(fd))
        return real_sendto(fd, data, length, flags, to, size);
    char *copy = changed_copy(fd, data, length);
    ssize_t sent = real_sendto(fd, copy, length, flags, to, size);
    int kept = errno;
    free(copy);
    errno = kept;
    return sent;
}

ssize_t send(int fd, const void *data, size_t length, int flags)
{
    return sendto(fd, data, length, flags, NULL, 0);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    REAL(ssize_t, sendmsg, (int, const struct msghdr *, int));
    if (!is_rtnetlink(fd))
        return real_sendmsg(fd, message, flags);
    size_t length = 0, at = 0;
    for (size_t part = 0; part < message->msg_iovlen; part++)
        length += message->msg_iov[part].iov_len;
    char *whole = malloc(length ? length : 1);
    for (size_t part = 0; part < message->msg_iovlen; at += message->msg_iov[part++].iov_len)
        memcpy(whole + at, message->msg_iov[part].iov_base, message->msg_iov[part].iov_len);
    change_requests(fd, whole, length);
    struct iovec one = {whole, length};
    struct msghdr changed = *message;
    changed.msg_iov = &one;
    changed.msg_iovlen = 1;
    ssize_t sent = real_sendmsg(fd, &changed, flags);
    int kept = errno;
    free(whole);
    errno = kept;
    return sent;
}

ssize_t recvfrom(int fd, void *data, size_t size, int flags, struct sockaddr *from, socklen_t *from_size)
{
    REAL(ssize_t, recvfrom, (int, void *, size_t, int, struct sockaddr *, socklen_t *));
    for (;;) {
        ssize_t length = real_recvfrom(fd, data, size, flags, from, from_size);
        if (length <= 0 || (size_t)length > size || !is_rtnetlink(fd))
            return length;
        length = change_answers(fd, data, length);
        if (length > 0)
            return length;
    }
}

ssize_t recv(int fd, void *data, size_t size, int flags) { return recvfrom(fd, data, size, flags, NULL, NULL); }

ssize_t __recv_chk(int fd, void *data, size_t size, size_t buffer, int flags)
{
    (void)buffer;
    return recvfrom(fd, data, size, flags, NULL, NULL);
}

ssize_t __recvfrom_chk(int fd, void *data, size_t size, size_t buffer, int flags, struct sockaddr *from,
                       socklen_t *from_size)
{
    (void)buffer;
    return recvfrom(fd, data, size, flags, from, from_size);
}

/* Of a message that is received in one piece, as every program here does. */
ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
    REAL(ssize_t, recvmsg, (int, struct msghdr *, int));
    for (;;) {
        ssize_t length = real_recvmsg(fd, message, flags);
        if (length <= 0 || message->msg_iovlen != 1 || message->msg_flags & MSG_TRUNC ||
            (size_t)length > message->msg_iov->iov_len || !is_rtnetlink(fd))
            return length;
        length = change_answers(fd, message->msg_iov->iov_base, length);
        if (length > 0)
            return length;
    }
}
