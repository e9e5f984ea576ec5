/* What the stand-in has to know of a link before it can answer as that kernel would, asked of today's. */
#include "kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

int is_socket(int fd, int domain, int protocol)
{
    int number = -1, kept = errno;
    socklen_t size = sizeof number;
    int is = todays(SYS_getsockopt, fd, SOL_SOCKET, SO_DOMAIN, &number, &size) == 0 && number == domain;
    if (is && protocol >= 0) {
        size = sizeof number;
        is = todays(SYS_getsockopt, fd, SOL_SOCKET, SO_PROTOCOL, &number, &size) == 0 && number == protocol;
    }
    errno = kept;
    return is;
}

/* The namespace of a socket as a descriptor; -1 where it is not told (SIOCGSKNS wants CAP_NET_ADMIN). */
static int namespace_of(int fd) { return todays(SYS_ioctl, fd, SIOCGSKNS); }

static int open_own(void) { return todays(SYS_openat, AT_FDCWD, "/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC); }

static int is_same(int one, int other)
{
    struct stat a, b;
    return fstat(one, &a) == 0 && fstat(other, &b) == 0 && a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

/* A socket in the namespace of another one. */
static int socket_beside(int fd, int domain, int type)
{
    int there = namespace_of(fd), own = open_own(), made;
    int is_away = there >= 0 && own >= 0 && !is_same(there, own);
    if (is_away && todays(SYS_setns, there, 0) != 0)
        is_away = 0;
    made = todays(SYS_socket, domain, type | SOCK_CLOEXEC, 0);
    if (is_away)
        todays(SYS_setns, own, 0);
    if (there >= 0)
        todays(SYS_close, there);
    if (own >= 0)
        todays(SYS_close, own);
    return made;
}

uint64_t socket_number(int fd)
{
    uint64_t number = 0;
    socklen_t size = sizeof number;
    todays(SYS_getsockopt, fd, SOL_SOCKET, SO_COOKIE, &number, &size);
    return number;
}

ino_t namespace_number(int fd)
{
    int there = namespace_of(fd), first = todays(SYS_openat, AT_FDCWD, first_namespace(), O_RDONLY | O_CLOEXEC);
    if (there < 0)
        there = open_own();
    struct stat about;
    ino_t number = 0;
    if (there >= 0 && first >= 0 && !is_same(there, first) && fstat(there, &about) == 0)
        number = about.st_ino;
    if (there >= 0)
        todays(SYS_close, there);
    if (first >= 0)
        todays(SYS_close, first);
    return number;
}

int is_in_first(int fd) { return namespace_number(fd) == 0; }

/* ethtool(8) -i tells the bus address of a device that has a parent; tun's driver says "tun" without having one. */
static int has_parent(int fd, const char *name)
{
    struct ethtool_drvinfo about = {.cmd = ETHTOOL_GDRVINFO};
    struct ifreq request;
    int control = socket_beside(fd, AF_INET, SOCK_DGRAM);
    memset(&request, 0, sizeof request);
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    request.ifr_data = (void *)&about;
    int told = todays(SYS_ioctl, control, SIOCETHTOOL, &request) == 0;
    todays(SYS_close, control);
    return told && about.bus_info[0] && strcmp(about.driver, "tun") != 0;
}

static void read_link(const char *answer, long length, struct link *found)
{
    const struct nlmsghdr *message = (const void *)answer;
    const struct ifinfomsg *info = NLMSG_DATA(message);
    found->index = info->ifi_index;
    found->flags = info->ifi_flags;
    long left = (length < message->nlmsg_len ? length : message->nlmsg_len) - NLMSG_LENGTH(sizeof(struct ifinfomsg));
    const struct rtattr *attribute = IFLA_RTA(NLMSG_DATA(message));
    for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
        int type = attribute->rta_type & NLA_TYPE_MASK;
        if (type == IFLA_IFNAME)
            strncpy(found->name, RTA_DATA(attribute), sizeof found->name - 1);
        if (type == 56) /* IFLA_PARENT_DEV_NAME, of today's kernel: user-mode-linux's NICs tell no bus address */
            found->has_parent = 1;
        if (type != IFLA_LINKINFO)
            continue;
        const struct rtattr *inner = RTA_DATA(attribute);
        for (int rest = RTA_PAYLOAD(attribute); RTA_OK(inner, rest); inner = RTA_NEXT(inner, rest))
            if (inner->rta_type == IFLA_INFO_KIND)
                strncpy(found->kind, RTA_DATA(inner), sizeof found->kind - 1);
    }
}

int look_up(int fd, int index, const char *name, int parent, struct link *found)
{
    static const struct timeval limit = {5, 0};
    struct {
        struct nlmsghdr header;
        struct ifinfomsg info;
        struct rtattr head;
        char name[16];
    } request;
    char answer[16384];
    int kept = errno, status = -1, control = socket_beside(fd, AF_NETLINK, SOCK_RAW);
    memset(&request, 0, sizeof request);
    memset(found, 0, sizeof *found);
    request.header.nlmsg_len = index > 0 ? NLMSG_LENGTH(sizeof request.info) : sizeof request;
    request.header.nlmsg_type = RTM_GETLINK;
    request.header.nlmsg_flags = NLM_F_REQUEST;
    request.info.ifi_index = index > 0 ? index : 0;
    request.head.rta_type = IFLA_IFNAME;
    request.head.rta_len = RTA_LENGTH(sizeof request.name);
    if (index <= 0)
        strncpy(request.name, name, sizeof request.name - 1);
    /* Not send(2) and recv(2): a test may count, or break, the program's own. */
    todays(SYS_setsockopt, control, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (todays(SYS_write, control, &request, request.header.nlmsg_len) > 0) {
        long length = todays(SYS_read, control, answer, sizeof answer);
        if (length >= (long)NLMSG_LENGTH(sizeof(struct ifinfomsg)) &&
            ((struct nlmsghdr *)answer)->nlmsg_type == RTM_NEWLINK) {
            read_link(answer, length, found);
            status = 0;
        }
    }
    todays(SYS_close, control);
    if (status == 0 && parent)
        found->has_parent = found->has_parent || has_parent(fd, found->name);
    errno = kept;
    return status;
}
