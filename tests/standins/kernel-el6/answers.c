/* What 2.6.32-431.el6 would have sent: refusals in their place, and no attribute that it does not have.

   Files and lines are those of its source. */
#include "kernel.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <string.h>

/* Refusals whose acknowledgement has not come yet. */
static struct refusal {
    uint64_t socket;
    uint32_t sequence;
    uint16_t type, flags;
    int number;
} refusals[1024];
static unsigned next;
static volatile char lock;

static void take(void)
{
    while (__atomic_test_and_set(&lock, __ATOMIC_ACQUIRE))
        ;
}

static void give(void) { __atomic_clear(&lock, __ATOMIC_RELEASE); }

void note_refusal(int fd, const struct nlmsghdr *request, int number)
{
    uint64_t socket = socket_number(fd);
    take();
    refusals[next++ % 1024] =
        (struct refusal){socket, request->nlmsg_seq, request->nlmsg_type, request->nlmsg_flags, number};
    give();
}

static void tell_refusal(int fd, struct nlmsghdr *message)
{
    struct nlmsgerr *error = NLMSG_DATA(message);
    if (message->nlmsg_len < NLMSG_LENGTH(sizeof *error))
        return;
    /* fib_check_nh(), net/ipv4/fib_semantics.c:564, returns what fib_rules_lookup() does where no rule leads on:
       net/core/fib_rules.c:202. The request is repeated after its header. */
    if (error->msg.nlmsg_type == RTM_NEWROUTE && error->error == -ENETUNREACH &&
        message->nlmsg_len > NLMSG_LENGTH(sizeof *error) && *(unsigned char *)(error + 1) == AF_INET)
        error->error = -ESRCH;
    if (error->msg.nlmsg_type != NLMSG_NOOP)
        return;
    uint64_t socket = socket_number(fd);
    take();
    for (int at = 0; at < 1024; at++)
        if (refusals[at].number && refusals[at].socket == socket &&
            refusals[at].sequence == error->msg.nlmsg_seq) {
            error->error = -refusals[at].number;
            error->msg.nlmsg_type = refusals[at].type;
            error->msg.nlmsg_flags = refusals[at].flags;
            refusals[at].number = 0;
            break;
        }
    give();
}

/* Keeps the attributes of a message after `fixed` bytes for which keep() returns their new length; 0 drops one. */
static void keep_attributes(struct nlmsghdr *message, int fixed,
                            int (*keep)(struct nlattr *, const void *), const void *about)
{
    char *from = (char *)NLMSG_DATA(message) + NLMSG_ALIGN(fixed), *to = from;
    char *end = (char *)message + message->nlmsg_len;
    while (end - from >= (long)sizeof(struct nlattr)) {
        struct nlattr *attribute = (void *)from;
        long length = attribute->nla_len;
        if (length < (long)sizeof *attribute || length > end - from)
            break;
        attribute->nla_type &= NLA_TYPE_MASK; /* nla_nest_start() sets no flag there, include/net/netlink.h */
        int kept = keep(attribute, about);
        if (kept) {
            attribute->nla_len = kept;
            memmove(to, attribute, kept);
            memset(to + kept, 0, NLA_ALIGN(kept) - kept);
            to += NLA_ALIGN(kept);
        }
        from += NLA_ALIGN(length);
    }
    message->nlmsg_len = to - (char *)message;
}

static int keep_up_to(struct nlattr *attribute, const void *highest)
{
    return attribute->nla_type <= *(const int *)highest ? attribute->nla_len : 0;
}

/* fib_nl_fill_rule(), net/core/fib_rules.c:480, and fill() of fib4_rules and fib6_rules: FRA_DST 1, SRC 2, IFNAME 3,
   GOTO 4, PRIORITY 6, FWMARK 10, FLOW 11, TABLE 15, FWMASK 16. */
static int keep_of_rule(struct nlattr *attribute, const void *unused)
{
    (void)unused;
    return attribute->nla_type <= 16 && (0x18c5e >> attribute->nla_type & 1) ? attribute->nla_len : 0;
}

/* inet_fill_ifaddr(), net/ipv4/devinet.c:1164-1173: address, local, broadcast, label. */
static int keep_of_address(struct nlattr *attribute, const void *unused)
{
    (void)unused;
    return attribute->nla_type <= 4 /* IFA_BROADCAST */ ? attribute->nla_len : 0;
}

/* inet6_fill_ifinfo(), net/ipv6/addrconf.c:4009-4030. Not told here: IFLA_LINK of a vlan or macvlan. */
static int keep_of_inet6(struct nlattr *attribute, const void *unused)
{
    (void)unused;
    int type = attribute->nla_type;
    return type == IFLA_ADDRESS || type == IFLA_IFNAME || type == IFLA_MTU || type == IFLA_PROTINFO
               ? attribute->nla_len : 0;
}

/* struct ndt_stats, include/linux/neighbour.h:99: ten numbers. */
static int keep_of_table(struct nlattr *attribute, const void *unused)
{
    (void)unused;
    return attribute->nla_type == NDTA_STATS && attribute->nla_len > 84 ? 84 : attribute->nla_len;
}

/* br_fill_ifinfo(), net/bridge/br_netlink.c:59-71: the port's state is the whole of IFLA_PROTINFO. */
static int keep_of_port(struct nlattr *attribute, const void *unused)
{
    (void)unused;
    switch (attribute->nla_type) {
    case IFLA_PROTINFO: {
        struct nlattr *inner = (void *)((char *)attribute + NLA_HDRLEN);
        for (int length = attribute->nla_len - NLA_HDRLEN; length >= 5 && inner->nla_len >= 4;) {
            if ((inner->nla_type & NLA_TYPE_MASK) == IFLA_BRPORT_STATE) {
                *((char *)attribute + NLA_HDRLEN) = *((char *)inner + NLA_HDRLEN);
                return NLA_HDRLEN + 1;
            }
            length -= NLA_ALIGN(inner->nla_len);
            inner = (void *)((char *)inner + NLA_ALIGN(inner->nla_len));
        }
        return 0;
    }
    case IFLA_IFNAME: case IFLA_MASTER: case IFLA_MTU: case IFLA_OPERSTATE: case IFLA_ADDRESS:
        return attribute->nla_len;
    default:
        return 0;
    }
}

/* rtnl_link_fill(), net/core/rtnetlink.c:414: kind, data and xstats of a link that has rtnl_link_ops (line 1018), so
   not of a bridge. */
static int keep_of_info(struct nlattr *attribute, const char *kind)
{
    if (!kind[0] || !is_kind(kind))
        return 0;
    char *from = (char *)attribute + NLA_HDRLEN, *to = from, *end = (char *)attribute + attribute->nla_len;
    while (end - from >= NLA_HDRLEN) {
        struct nlattr *inner = (void *)from;
        long length = inner->nla_len;
        if (length < NLA_HDRLEN || length > end - from)
            break;
        inner->nla_type &= NLA_TYPE_MASK;
        long step = end - from < (long)NLA_ALIGN(length) ? end - from : (long)NLA_ALIGN(length);
        if (inner->nla_type <= IFLA_INFO_XSTATS) {
            memmove(to, from, step);
            to += step;
        }
        from += step;
    }
    return to - (char *)attribute;
}

/* rtnl_fill_ifinfo(), net/core/rtnetlink.c:926-1051. IFLA_MASTER is dev->master there (line 936), which no bridge sets
   (net/bridge/br_if.c); IFLA_LINK is dev->iflink (line 933), which drivers/net/veth.c and vxlan.c leave alone. */
static int keep_of_link(struct nlattr *attribute, const void *kind)
{
    switch (attribute->nla_type) {
    case IFLA_LINK:
        return strcmp(kind, "veth") && strcmp(kind, "vxlan") ? attribute->nla_len : 0;
    case IFLA_LINKINFO:
        return keep_of_info(attribute, kind);
    case IFLA_IFNAME: case IFLA_TXQLEN: case IFLA_OPERSTATE: case IFLA_LINKMODE: case IFLA_MTU: case IFLA_QDISC:
    case IFLA_IFALIAS: case IFLA_MAP: case IFLA_ADDRESS: case IFLA_BROADCAST: case IFLA_STATS64: case IFLA_STATS:
    case IFLA_NUM_VF: case IFLA_VFINFO_LIST: case IFLA_VF_PORTS: case IFLA_PORT_SELF: case IFLA_AF_SPEC:
        return attribute->nla_len;
    default:
        return 0;
    }
}

static struct nlattr *find(char *from, char *end, int type)
{
    while (end - from >= NLA_HDRLEN) {
        struct nlattr *attribute = (void *)from;
        if (attribute->nla_len < NLA_HDRLEN || attribute->nla_len > end - from)
            break;
        if ((attribute->nla_type & NLA_TYPE_MASK) == type)
            return attribute;
        from += NLA_ALIGN(attribute->nla_len);
    }
    return NULL;
}

/* 0: that kernel sends no such message. */
static int change_link(struct nlmsghdr *message)
{
    struct ifinfomsg *info = NLMSG_DATA(message);
    char kind[24] = "", *first = (char *)(info + 1), *end = (char *)message + message->nlmsg_len;
    if (info->ifi_family == AF_BRIDGE) {
        /* br_dump_ifinfo(), net/bridge/br_netlink.c:120, and br_ifinfo_notify(): ports, and nothing else. */
        if (find(first, end, IFLA_PROTINFO) == NULL)
            return message->nlmsg_type == RTM_DELLINK;
        keep_attributes(message, sizeof *info, keep_of_port, NULL);
        return 1;
    }
    if (info->ifi_family == AF_INET6) {
        keep_attributes(message, sizeof *info, keep_of_inet6, NULL);
        return 1;
    }
    struct nlattr *about = find(first, end, IFLA_LINKINFO);
    if (about != NULL) {
        struct nlattr *told = find((char *)about + NLA_HDRLEN, (char *)about + about->nla_len, IFLA_INFO_KIND);
        if (told != NULL && told->nla_len > NLA_HDRLEN)
            strncpy(kind, (char *)told + NLA_HDRLEN, sizeof kind - 1);
    }
    keep_attributes(message, sizeof *info, keep_of_link, kind);
    return 1;
}

static int change(int fd, struct nlmsghdr *message)
{
    static const int address = 7 /* IFA_MULTICAST */, route = 15 /* RTA_TABLE */, neighbour = 4 /* NDA_PROBES */,
                     control = 8 /* TCA_STAB */;
    if (message->nlmsg_type > 87)
        return 0; /* RTM_MAX, include/linux/rtnetlink.h:126 */
    change_indexes(fd, message, index_there);
    switch (message->nlmsg_type) {
    case NLMSG_ERROR:
        message->nlmsg_flags = 0; /* netlink_ack(), net/netlink/af_netlink.c, sets none */
        tell_refusal(fd, message);
        break;
    case RTM_NEWLINK: case RTM_DELLINK: return change_link(message);
    case RTM_NEWADDR: case RTM_DELADDR:
        if (*(unsigned char *)NLMSG_DATA(message) == AF_INET)
            keep_attributes(message, 8, keep_of_address, NULL);
        else
            keep_attributes(message, 8, keep_up_to, &address);
        break;
    case RTM_NEWROUTE: case RTM_DELROUTE: keep_attributes(message, sizeof(struct rtmsg), keep_up_to, &route); break;
    case RTM_NEWNEIGH: case RTM_DELNEIGH: keep_attributes(message, 12, keep_up_to, &neighbour); break;
    case RTM_NEWRULE: case RTM_DELRULE: keep_attributes(message, 12, keep_of_rule, NULL); break;
    case RTM_NEWQDISC: case RTM_DELQDISC: keep_attributes(message, sizeof(struct tcmsg), keep_up_to, &control); break;
    case RTM_NEWNEIGHTBL: keep_attributes(message, 4, keep_of_table, NULL); break;
    default: break;
    }
    return 1;
}

size_t change_answers(int fd, char *buffer, size_t length)
{
    char *from = buffer, *to = buffer, *end = buffer + length;
    while (end - from >= NLMSG_HDRLEN) {
        struct nlmsghdr *message = (void *)from;
        size_t was = message->nlmsg_len;
        if (was < NLMSG_HDRLEN || was > (size_t)(end - from))
            break;
        from += NLMSG_ALIGN(was) < (size_t)(end - from) ? NLMSG_ALIGN(was) : (size_t)(end - from);
        if (change(fd, message)) {
            size_t now = NLMSG_ALIGN(message->nlmsg_len);
            memmove(to, message, message->nlmsg_len);
            to += now;
        }
    }
    memmove(to, from, end - from);
    return to + (end - from) - buffer;
}
