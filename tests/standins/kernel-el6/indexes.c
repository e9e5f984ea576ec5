/* dev_new_index(), net/core/dev.c:5827, counts all namespaces' links with one number, so the loopback link of a namespace
   that is not the first has a higher index than 1. Today's has 1 in each, which is told as another number here.

   Not in socket addresses (scope ids, packet sockets) and files below /proc/net. */
#include "kernel.h"

#include <linux/if_link.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

enum { NOBODY = 0x7ffffff0 };

/* What was found out of a socket, which stays in its namespace. */
static struct {
    uint64_t socket;
    int loopback;
} known[256];
static volatile char lock;

static int loopback_of(int fd)
{
    uint64_t socket = socket_number(fd);
    int place = socket % 256, loopback = 0;
    while (__atomic_test_and_set(&lock, __ATOMIC_ACQUIRE))
        ;
    if (socket && known[place].socket == socket)
        loopback = known[place].loopback;
    __atomic_clear(&lock, __ATOMIC_RELEASE);
    if (loopback)
        return loopback;
    ino_t number = namespace_number(fd); /* of nsfs, from 0xf0000000 on */
    /* Today's kernel gives that number to the next namespace as well, but never its cookie. */
    uint64_t cookie = 0;
    socklen_t size = sizeof cookie;
    if (number && todays(SYS_getsockopt, fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size) == 0)
        number = cookie;
    loopback = number == 0 ? 1 : (int)(1000000 + (number & 0xfffffff));
    while (__atomic_test_and_set(&lock, __ATOMIC_ACQUIRE))
        ;
    known[place].socket = socket;
    known[place].loopback = loopback;
    __atomic_clear(&lock, __ATOMIC_RELEASE);
    return loopback;
}

int index_there(int fd, int index) { return index == 1 ? loopback_of(fd) : index; }

int index_here(int fd, int index)
{
    if (index != 1 && index < 1000000)
        return index;
    int loopback = loopback_of(fd);
    return index == loopback ? 1 : index == 1 ? NOBODY : index;
}

static void change_one(int fd, void *at, int (*change)(int, int))
{
    int index;
    memcpy(&index, at, sizeof index);
    index = change(fd, index);
    memcpy(at, &index, sizeof index);
}

static void change_attributes(int fd, struct nlmsghdr *message, int fixed, int one, int other, int (*change)(int, int))
{
    struct rtattr *attribute = (void *)((char *)NLMSG_DATA(message) + NLMSG_ALIGN(fixed));
    int left = (int)message->nlmsg_len - NLMSG_LENGTH(NLMSG_ALIGN(fixed));
    for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left))
        if ((attribute->rta_type == one || attribute->rta_type == other) && RTA_PAYLOAD(attribute) == 4)
            change_one(fd, RTA_DATA(attribute), change);
}

/* The index is the second number of struct ifinfomsg, ifaddrmsg, ndmsg and tcmsg. */
void change_indexes(int fd, struct nlmsghdr *message, int (*change)(int fd, int index))
{
    int row = message->nlmsg_type < RTM_BASE ? -1 : (message->nlmsg_type - RTM_BASE) >> 2;
    int length = (int)message->nlmsg_len - NLMSG_HDRLEN;
    if ((row == 0 || row == 1 || row == 3 || (row >= 5 && row <= 7)) && length >= 8)
        change_one(fd, (char *)NLMSG_DATA(message) + 4, change);
    if (row == 0)
        change_attributes(fd, message, sizeof(struct ifinfomsg), IFLA_LINK, IFLA_MASTER, change);
    if (row == 2)
        change_attributes(fd, message, sizeof(struct rtmsg), RTA_OIF, RTA_IIF, change);
}

/* The C library's own go by a socket that nobody sees. */
unsigned if_nametoindex(const char *name)
{
    struct ifreq request;
    int fd = todays(SYS_socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    memset(&request, 0, sizeof request);
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    unsigned index = ioctl(fd, SIOCGIFINDEX, &request) == 0 ? request.ifr_ifindex : 0;
    todays(SYS_close, fd);
    return index;
}

char *if_indextoname(unsigned index, char name[IF_NAMESIZE])
{
    struct ifreq request;
    int fd = todays(SYS_socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    memset(&request, 0, sizeof request);
    request.ifr_ifindex = index;
    int status = ioctl(fd, SIOCGIFNAME, &request);
    todays(SYS_close, fd);
    return status == 0 ? memcpy(name, request.ifr_name, IFNAMSIZ) : NULL;
}
