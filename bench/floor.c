/* The floor of the bench: what the kernel itself takes to make and to remove veth pairs between named namespaces.
 *
 *   floor wire PREFIX COUNT    PREFIXa0:A with 10.1.1.1/32 to PREFIXb0:B with 10.1.1.2/32, and so on
 *   floor unwire PREFIX COUNT THREADS [DEV SIDE]
 *                              removes A on the a side of each, or another link, where it is there; THREADS requests
 *                              are under way at a time
 *
 * A wire is one RTM_NEWLINK that makes both ends in place, and for each end one datagram with address, up and route.
 * Every ack is read; the first that is an error ends the program with its words.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define ADDRESS_A 0x0a010101
#define ADDRESS_B 0x0a010102
#define CHANGE (NLM_F_REQUEST | NLM_F_ACK)
#define CREATE (CHANGE | NLM_F_CREATE | NLM_F_EXCL)

struct datagram {
    size_t length;      /* of all messages so far */
    size_t begin;       /* of the last one */
    unsigned sequence;  /* of the last one */
    char data[2048] __attribute__((aligned(4)));
};

static const char *prefix;
static int count;
static int next_wire;
static const char *removed_dev = "A";
static char removed_side = 'a';

static void fail(const char *what, int number) {
    fprintf(stderr, "floor: %s: %s\n", what, strerror(number));
    exit(1);
}

static void begin(struct datagram *to, int type, int flags, const void *fixed, size_t size) {
    struct nlmsghdr *header = (struct nlmsghdr *)(to->data + to->length);

    memset(header, 0, NLMSG_SPACE(size));
    header->nlmsg_len = NLMSG_LENGTH(size);
    header->nlmsg_type = type;
    header->nlmsg_flags = flags;
    header->nlmsg_seq = ++to->sequence;
    memcpy(NLMSG_DATA(header), fixed, size);
    to->begin = to->length;
    to->length += NLMSG_SPACE(size);
}

/* Appends an attribute to the last message and returns it; one that will hold others has no value yet. */
static struct rtattr *add(struct datagram *to, int type, const void *value, size_t size) {
    struct rtattr *attribute = (struct rtattr *)(to->data + to->length);

    memset(attribute, 0, RTA_SPACE(size));
    attribute->rta_type = type;
    attribute->rta_len = RTA_LENGTH(size);
    if (value)
        memcpy(RTA_DATA(attribute), value, size);
    to->length += RTA_SPACE(size);
    ((struct nlmsghdr *)(to->data + to->begin))->nlmsg_len = to->length - to->begin;
    return attribute;
}

static void close_nest(struct datagram *to, struct rtattr *nest) {
    nest->rta_len = to->data + to->length - (char *)nest;
}

/* Sends what is in the datagram and waits for the ack of each message. */
static void request(int socket, struct datagram *from, const char *what) {
    char answer[8192] __attribute__((aligned(4)));
    unsigned missing = 0;
    size_t at = 0;

    for (; at < from->length; missing++)
        at += NLMSG_ALIGN(((struct nlmsghdr *)(from->data + at))->nlmsg_len);
    if (send(socket, from->data, from->length, 0) < 0)
        fail(what, errno);
    while (missing) {
        int length = recv(socket, answer, sizeof answer, 0);

        if (length < 0)
            fail(what, errno);
        for (struct nlmsghdr *header = (struct nlmsghdr *)answer; NLMSG_OK(header, (unsigned)length);
             header = NLMSG_NEXT(header, length)) {
            if (header->nlmsg_type != NLMSG_ERROR)
                continue;
            int number = -((struct nlmsgerr *)NLMSG_DATA(header))->error;
            if (number)
                fail(what, number);
            missing--;
        }
    }
    from->length = 0;
}

static int open_netns(char side, int number) {
    char path[256];
    int descriptor;

    snprintf(path, sizeof path, "/run/netns/%s%c%d", prefix, side, number);
    descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        fail(path, errno);
    return descriptor;
}

/* An rtnetlink socket inside a namespace; the calling thread stays there. */
static int enter(int netns) {
    int one = 1;
    int made;

    if (setns(netns, CLONE_NEWNET))
        fail("setns", errno);
    made = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (made < 0)
        fail("socket", errno);
    setsockopt(made, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof one);
    return made;
}

/* 0 where there is no such link. */
static int index_of(int socket, const char *name) {
    struct ifreq asked;

    memset(&asked, 0, sizeof asked);
    strncpy(asked.ifr_name, name, IFNAMSIZ - 1);
    return ioctl(socket, SIOCGIFINDEX, &asked) ? 0 : asked.ifr_ifindex;
}

static void make_pair(int socket, int peer_netns, struct datagram *to) {
    struct ifinfomsg link = {.ifi_family = AF_UNSPEC};
    struct rtattr *info, *data, *peer;

    begin(to, RTM_NEWLINK, CREATE, &link, sizeof link);
    add(to, IFLA_IFNAME, "A", 2);
    info = add(to, IFLA_LINKINFO, NULL, 0);
    add(to, IFLA_INFO_KIND, "veth", 5);
    data = add(to, IFLA_INFO_DATA, NULL, 0);
    peer = add(to, VETH_INFO_PEER, &link, sizeof link);
    add(to, IFLA_IFNAME, "B", 2);
    add(to, IFLA_NET_NS_FD, &peer_netns, sizeof peer_netns);
    close_nest(to, peer);
    close_nest(to, data);
    close_nest(to, info);
    request(socket, to, "make a veth pair");
}

static void configure(int socket, const char *dev, unsigned own, unsigned other, struct datagram *to) {
    int index = index_of(socket, dev);
    struct ifaddrmsg address = {.ifa_family = AF_INET, .ifa_prefixlen = 32, .ifa_index = index};
    struct ifinfomsg up = {.ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
    struct rtmsg route = {.rtm_family = AF_INET, .rtm_dst_len = 32, .rtm_table = RT_TABLE_MAIN,
                          .rtm_protocol = RTPROT_BOOT, .rtm_scope = RT_SCOPE_LINK, .rtm_type = RTN_UNICAST};

    own = htonl(own);
    other = htonl(other);
    begin(to, RTM_NEWADDR, CREATE, &address, sizeof address);
    add(to, IFA_LOCAL, &own, 4);
    add(to, IFA_ADDRESS, &own, 4);
    begin(to, RTM_NEWLINK, CHANGE, &up, sizeof up);
    begin(to, RTM_NEWROUTE, CREATE, &route, sizeof route);
    add(to, RTA_DST, &other, 4);
    add(to, RTA_OIF, &index, 4);
    request(socket, to, "add address, up and route");
}

static void wire(int number) {
    struct datagram to = {0};
    int a = open_netns('a', number), b = open_netns('b', number);
    int in_b = enter(b), in_a = enter(a);

    make_pair(in_a, b, &to);
    configure(in_a, "A", ADDRESS_A, ADDRESS_B, &to);
    configure(in_b, "B", ADDRESS_B, ADDRESS_A, &to);
    close(in_a);
    close(in_b);
    close(a);
    close(b);
}

static void unwire(int number) {
    struct datagram to = {0};
    struct ifinfomsg link = {.ifi_family = AF_UNSPEC};
    int netns = open_netns(removed_side, number);
    int inside = enter(netns);

    link.ifi_index = index_of(inside, removed_dev);
    if (link.ifi_index) {
        begin(&to, RTM_DELLINK, CHANGE, &link, sizeof link);
        request(inside, &to, "remove a veth pair");
    }
    close(inside);
    close(netns);
}

static void *unwire_some(void *unused) {
    int number;

    while ((number = __sync_fetch_and_add(&next_wire, 1)) < count)
        unwire(number);
    return unused;
}

int main(int argc, char **argv) {
    int threads = argc > 4 ? atoi(argv[4]) : 1;
    pthread_t started[256];

    if (argc < 4 || threads < 1 || threads > 256 || (strcmp(argv[1], "wire") && strcmp(argv[1], "unwire"))) {
        fprintf(stderr, "usage: floor wire PREFIX COUNT | floor unwire PREFIX COUNT THREADS [DEV SIDE]\n");
        return 2;
    }
    if (argc > 6) {
        removed_dev = argv[5];
        removed_side = argv[6][0];
    }
    prefix = argv[2];
    count = atoi(argv[3]);
    if (!strcmp(argv[1], "wire")) {
        for (int number = 0; number < count; number++)
            wire(number);
        return 0;
    }
    for (int at = 0; at < threads; at++) {
        int number = pthread_create(&started[at], NULL, unwire_some, NULL);
        if (number)
            fail("start a thread", number);
    }
    for (int at = 0; at < threads; at++)
        pthread_join(started[at], NULL);
    return 0;
}
