/* What 2.6.32-431.el6 refuses or passes over of what is asked through rtnetlink.

   Files and lines are those of its source. Types and attributes are numbers of rtnetlink.h and if_link.h. */
#include "kernel.h"

#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <string.h>

enum { EL6_IFLA_MAX = 32, EL6_RTM_MAX = 87 }; /* include/linux/if_link.h:146, rtnetlink.h:126 */

/* rtm_min and rta_max of net/core/rtnetlink.c:474-498, by (type - RTM_BASE) >> 2: the size of the fixed part, and the
   highest attribute. Zero where they have no row. */
static const struct {
    int fixed, highest;
} families[] = {
    {sizeof(struct ifinfomsg), EL6_IFLA_MAX}, /* link */
    {8, 7},                                   /* address: IFA_MULTICAST, include/linux/if_addr.h:32 */
    {sizeof(struct rtmsg), 15},               /* route: RTA_TABLE, include/linux/rtnetlink.h:292 */
    {0, 0},                                   /* neighbour */
    {12, 16},                                 /* rule: FRA_FWMASK, include/linux/fib_rules.h:49 */
    {sizeof(struct tcmsg), 8},                /* qdisc: TCA_STAB, include/linux/rtnetlink.h:509 */
    {sizeof(struct tcmsg), 8},                /* class */
    {sizeof(struct tcmsg), 8},                /* filter */
    {4, 1},                                   /* action */
};

/* The kinds that have a struct rtnl_link_ops: veth.c:466, macvlan.c:786, macvtap.c:346, vxlan.c:2049, dummy.c:101,
   ifb.c:229, tun.c:893, can/dev.c:657 and can/vcan.c:153 in drivers/net, net/8021q/vlan_netlink.c:217,
   net/ipv4/ip_gre.c:754 and 768, ipoib_netlink.c:159. Not `bridge`: net/bridge/br_netlink.c registers none. */
static const char *const kinds[] = {"veth", "macvlan", "macvtap", "vlan", "vxlan",  "dummy", "ifb",
                                    "tun",  "can",     "vcan",    "gre",  "gretap", "ipoib", NULL};

int is_kind(const char *kind)
{
    for (int at = 0; kinds[at] != NULL; at++)
        if (strcmp(kinds[at], kind) == 0)
            return 1;
    return 0;
}

/* nla_ok() and nla_next() of include/net/netlink.h:738-765 under nla_parse(), lib/nlattr.c:176-200. */
int left_over(const void *at, int length)
{
    const struct nlattr *attribute = at;
    while (length >= (int)sizeof *attribute && attribute->nla_len >= sizeof *attribute &&
           attribute->nla_len <= length) {
        length -= NLA_ALIGN(attribute->nla_len);
        attribute = (const void *)((const char *)attribute + NLA_ALIGN(attribute->nla_len));
    }
    return length > 0 ? length : 0;
}

static struct nlattr *find(void *at, int length, int type)
{
    struct nlattr *attribute = at, *found = NULL; /* of several the last one, as nla_parse() has it */
    while (length >= (int)sizeof *attribute && attribute->nla_len >= sizeof *attribute &&
           attribute->nla_len <= length) {
        if ((attribute->nla_type & NLA_TYPE_MASK) == type)
            found = attribute;
        length -= NLA_ALIGN(attribute->nla_len);
        attribute = (void *)((char *)attribute + NLA_ALIGN(attribute->nla_len));
    }
    return found;
}

static void *data_of(struct nlattr *attribute) { return (char *)attribute + NLA_HDRLEN; }
static int length_of(const struct nlattr *attribute) { return attribute->nla_len - NLA_HDRLEN; }

static void ignore(struct nlattr *attribute)
{
    if (attribute != NULL)
        attribute->nla_type = IGNORED;
}

static void copy_text(char *to, size_t size, struct nlattr *from)
{
    size_t length = from == NULL ? 0 : strnlen(data_of(from), length_of(from));
    length = length < size ? length : size - 1;
    if (length)
        memcpy(to, data_of(from), length);
    to[length] = '\0';
}

/* A request's attributes, after its fixed part. */
struct content {
    void *at;
    int length;
};

static struct content content_of(struct nlmsghdr *message, int fixed)
{
    struct content content = {(char *)NLMSG_DATA(message) + NLMSG_ALIGN(fixed),
                              (int)message->nlmsg_len - NLMSG_HDRLEN - NLMSG_ALIGN(fixed)};
    return content;
}

static struct nlattr *attribute_of(struct content content, int type) { return find(content.at, content.length, type); }

static void count_left_over(struct nlmsghdr *message, int fixed)
{
    struct content content = content_of(message, fixed);
    int bytes = left_over(content.at, content.length);
    if (bytes) /* lib/nlattr.c:198, to the kernel's log, and without a rate limit */
        record("leftover: %d bytes after parsing attributes of a request of type %d", bytes, message->nlmsg_type);
}

/* rtnetlink_rcv_msg(), net/core/rtnetlink.c:2110-2134: which types can be dumped. */
static int refuse_dump(struct nlmsghdr *message)
{
    static const unsigned char dumped[] = {RTM_GETLINK,    RTM_GETADDR,    RTM_GETROUTE,     RTM_GETNEIGH,
                                           RTM_GETRULE,    RTM_GETQDISC,   RTM_GETTCLASS,    RTM_GETTFILTER,
                                           RTM_GETACTION,  RTM_GETANYCAST, RTM_GETMULTICAST, RTM_GETNEIGHTBL,
                                           RTM_GETADDRLABEL, RTM_GETMDB};
    if (memchr(dumped, message->nlmsg_type, sizeof dumped) == NULL)
        return EOPNOTSUPP;
    if (message->nlmsg_type != RTM_GETLINK)
        return 0;
    /* rtnl_dump_ifinfo() and rtnl_calcit() parse after struct rtgenmsg, net/core/rtnetlink.c:1095 and 1826: a struct
       ifinfomsg is taken for attributes. Of another family too: rtnl_get_calcit() falls back to PF_UNSPEC's, line 144.
       So nothing that comes after an ifinfomsg is heard. */
    count_left_over(message, sizeof(struct rtgenmsg));
    struct content content = content_of(message, sizeof(struct ifinfomsg));
    struct nlattr *attribute = content.at;
    while (content.length >= (int)sizeof *attribute && attribute->nla_len >= sizeof *attribute &&
           attribute->nla_len <= content.length) {
        content.length -= NLA_ALIGN(attribute->nla_len);
        ignore(attribute);
        attribute = (void *)((char *)attribute + NLA_ALIGN(attribute->nla_len));
    }
    return 0;
}

/* rtnetlink_rcv_msg(), net/core/rtnetlink.c:2138-2159: the attributes that it looks at, by their whole type, and
   whether there is a function for the request. */
static int refuse_form(struct nlmsghdr *message)
{
    int type = message->nlmsg_type, family = *(unsigned char *)NLMSG_DATA(message);
    unsigned row = (type - RTM_BASE) >> 2;
    if (row < sizeof families / sizeof *families && families[row].fixed) {
        if ((int)message->nlmsg_len < NLMSG_LENGTH(families[row].fixed))
            return EINVAL;
        struct content content = content_of(message, families[row].fixed);
        struct rtattr *attribute = content.at;
        while (RTA_OK(attribute, content.length)) {
            if (attribute->rta_type > families[row].highest)
                return EINVAL;
            attribute = RTA_NEXT(attribute, content.length);
        }
        count_left_over(message, families[row].fixed);
    }
    /* Nobody registers a function for a single one of these: neighbour.c:2873-2876 and fib_rules.c:685 in net/core;
       net/ipv4/devinet.c:1793, while net/ipv6/addrconf.c:4817 does; net/bridge/br_mdb.c:168. */
    if (type == RTM_GETNEIGH || type == RTM_GETNEIGHTBL || type == RTM_GETRULE || type >= RTM_NEWNETCONF ||
        (type == RTM_GETADDR && family != AF_INET6))
        return EOPNOTSUPP;
    return 0;
}

/* What rtnl_setlink() and do_setlink() pass over, net/core/rtnetlink.c:1276-1502: they look at neither of these. */
static void pass_over(struct content content)
{
    static const int types[] = {IFLA_MASTER,        IFLA_GROUP,         IFLA_EXT_MASK, IFLA_PROMISCUITY,
                                IFLA_NUM_TX_QUEUES, IFLA_NUM_RX_QUEUES, IFLA_PROTINFO};
    for (size_t at = 0; at < sizeof types / sizeof *types; at++)
        ignore(attribute_of(content, types[at]));
}

/* do_setlink(), net/core/rtnetlink.c:1325 and 1368: eth_prepare_mac_addr_change(), net/ethernet/eth.c:285, and
   dev_change_name(), net/core/dev.c:1019, take no link that is up. A move sets it down first. */
static int refuse_while_up(int fd, struct content content, int index, const char *name)
{
    struct link link;
    int has_address = attribute_of(content, IFLA_ADDRESS) != NULL, is_renamed = index > 0 && name[0];
    if (attribute_of(content, IFLA_NET_NS_PID) != NULL || attribute_of(content, IFLA_NET_NS_FD) != NULL)
        return 0;
    if ((!has_address && !is_renamed) || look_up(fd, index, name, 0, &link) != 0 || !(link.flags & IFF_UP))
        return 0;
    /* Of dummy, macvlan, vlan and bridges the driver's own function looks at no flag. */
    has_address = has_address && (strcmp(link.kind, "veth") == 0 || strcmp(link.kind, "vxlan") == 0 ||
                                  strcmp(link.kind, "tun") == 0);
    return has_address || is_renamed ? EBUSY : 0;
}

/* dev_change_net_namespace(), net/core/dev.c:6749: a real device (line 6765) stays, and what is NETIF_F_NETNS_LOCAL
   (line 6757), as lo is (drivers/net/loopback.c:180), vxlan (vxlan.c:1648), gre (net/ipv4/ip_gre.c:484) and
   bridges (net/bridge/br_device.c:362). */
static int refuse_move(int fd, struct content content, int index, const char *name)
{
    struct link link;
    if (attribute_of(content, IFLA_NET_NS_PID) == NULL && attribute_of(content, IFLA_NET_NS_FD) == NULL)
        return 0;
    if (look_up(fd, index, name, 1, &link) != 0)
        return 0;
    int is_local = link.flags & IFF_LOOPBACK || strcmp(link.kind, "vxlan") == 0 || strcmp(link.kind, "bridge") == 0 ||
                   strncmp(link.kind, "gre", 3) == 0;
    return link.has_parent || is_local ? EINVAL : 0;
}

/* rtnl_newlink(), net/core/rtnetlink.c:1635-1771. */
static int refuse_newlink(int fd, struct nlmsghdr *message)
{
    struct ifinfomsg *info = NLMSG_DATA(message);
    struct content content = content_of(message, sizeof *info);
    struct nlattr *about = attribute_of(content, IFLA_LINKINFO), *kind_of = NULL, *data = NULL;
    char name[16], kind[64];
    struct link link;
    if (about != NULL) {
        kind_of = find(data_of(about), length_of(about), IFLA_INFO_KIND);
        data = find(data_of(about), length_of(about), IFLA_INFO_DATA);
    }
    copy_text(name, sizeof name, attribute_of(content, IFLA_IFNAME));
    copy_text(kind, sizeof kind, kind_of);
    int is_known = kind[0] && is_kind(kind);
    int has_more = attribute_of(content, IFLA_MASTER) || attribute_of(content, IFLA_MAP) ||
                   attribute_of(content, IFLA_PROTINFO);
    int is_there = info->ifi_index > 0 || name[0];
    if (is_there && (message->nlmsg_flags & NLM_F_CREATE || info->ifi_index <= 0))
        is_there = look_up(fd, info->ifi_index, name, 0, &link) == 0; /* line 1660 */
    if (is_there) {
        if (message->nlmsg_flags & NLM_F_EXCL)
            return EEXIST; /* line 1709 */
        if (message->nlmsg_flags & NLM_F_REPLACE)
            return EOPNOTSUPP; /* line 1711 */
        if (data != NULL && !is_known)
            return EOPNOTSUPP; /* line 1714 */
        int refused = refuse_move(fd, content, info->ifi_index, name);
        if (!refused)
            refused = refuse_while_up(fd, content, info->ifi_index, name);
        if (refused)
            return refused;
        if (!is_known)
            ignore(about);
        pass_over(content);
        return 0;
    }
    if (!(message->nlmsg_flags & NLM_F_CREATE))
        return ENODEV; /* line 1728 */
    if (info->ifi_index || info->ifi_flags || info->ifi_change)
        return EOPNOTSUPP; /* line 1731 */
    if (has_more || !is_known)
        return EOPNOTSUPP; /* lines 1733 and 1747 */
    pass_over(content);
    return 0;
}

/* rtnl_setlink(), net/core/rtnetlink.c:1504; of a bridge's port br_rtm_setlink(), net/bridge/br_netlink.c:140. */
static int refuse_setlink(int fd, struct nlmsghdr *message)
{
    struct ifinfomsg *info = NLMSG_DATA(message);
    struct content content = content_of(message, sizeof *info);
    char name[16];
    if (info->ifi_family == AF_BRIDGE) {
        struct nlattr *state = attribute_of(content, IFLA_PROTINFO);
        return state == NULL || length_of(state) < 1 || *(unsigned char *)data_of(state) > 4 ? EINVAL : 0;
    }
    copy_text(name, sizeof name, attribute_of(content, IFLA_IFNAME));
    int refused = refuse_move(fd, content, info->ifi_index, name);
    if (!refused)
        refused = refuse_while_up(fd, content, info->ifi_index, name);
    if (!refused) {
        ignore(attribute_of(content, IFLA_LINKINFO));
        pass_over(content);
    }
    return refused;
}

/* rtnl_dellink(), net/core/rtnetlink.c:1574: a link without rtnl_link_ops is not deleted, so no bridge. */
static int refuse_dellink(int fd, struct nlmsghdr *message)
{
    struct ifinfomsg *info = NLMSG_DATA(message);
    struct content content = content_of(message, sizeof *info);
    char name[16];
    struct link link;
    copy_text(name, sizeof name, attribute_of(content, IFLA_IFNAME));
    ignore(attribute_of(content, IFLA_GROUP));
    if (info->ifi_index <= 0 && !name[0])
        return EINVAL; /* line 1569 */
    if (look_up(fd, info->ifi_index, name, 0, &link) == 0 && !is_kind(link.kind))
        return EOPNOTSUPP;
    return 0;
}

/* rtnl_getlink(), net/core/rtnetlink.c:1790-1795: by index alone. */
static int refuse_getlink(struct nlmsghdr *message)
{
    struct ifinfomsg *info = NLMSG_DATA(message);
    if (info->ifi_index <= 0)
        return EINVAL;
    /* get_ext_mask(), line 1060: of its bits only those for virtual functions are known, so statistics are told. */
    ignore(attribute_of(content_of(message, sizeof *info), IFLA_EXT_MASK));
    return 0;
}

static int refuse(int fd, struct nlmsghdr *message)
{
    /* netlink_rcv_skb(), net/netlink/af_netlink.c:1864-1870. */
    if (!(message->nlmsg_flags & NLM_F_REQUEST) || message->nlmsg_type < NLMSG_MIN_TYPE)
        return 0;
    if (message->nlmsg_type > EL6_RTM_MAX)
        return EOPNOTSUPP; /* net/core/rtnetlink.c:2094; RTM_GETNSID is 90 */
    if (message->nlmsg_len < NLMSG_LENGTH(sizeof(struct rtgenmsg)))
        return 0; /* line 2100 */
    if (((message->nlmsg_type - RTM_BASE) & 3) == 2 && message->nlmsg_flags & NLM_F_DUMP)
        return refuse_dump(message);
    int refused = refuse_form(message);
    if (refused)
        return refused;
    switch (message->nlmsg_type) {
    case RTM_NEWLINK: return refuse_newlink(fd, message);
    case RTM_SETLINK: return refuse_setlink(fd, message);
    case RTM_DELLINK: return refuse_dellink(fd, message);
    case RTM_GETLINK: return refuse_getlink(message);
    case RTM_NEWQDISC:
    case RTM_DELQDISC:
    case RTM_GETQDISC:
        /* tc_modify_qdisc(), net/sched/sch_api.c:1028, and tc_get_qdisc(): queues are of the first namespace alone. */
        return is_in_first(fd) ? 0 : EINVAL;
    case RTM_NEWRULE:
        /* fib_nl_newrule(), net/core/fib_rules.c:233, looks at no flag: the same rule can be made again. */
        message->nlmsg_flags &= ~NLM_F_EXCL;
        return 0;
    case RTM_NEWROUTE:
        /* ip6_route_add(), net/ipv6/route.c:1262: a gateway has to be reached, whatever rtm_flags says. */
        if (*(unsigned char *)NLMSG_DATA(message) == AF_INET6)
            ((struct rtmsg *)NLMSG_DATA(message))->rtm_flags &= ~RTNH_F_ONLINK;
        return 0;
    default: return 0;
    }
}

void change_requests(int fd, char *buffer, size_t length)
{
    while (length >= NLMSG_HDRLEN) {
        struct nlmsghdr *message = (void *)buffer;
        if (message->nlmsg_len < NLMSG_HDRLEN || message->nlmsg_len > length)
            return;
        change_indexes(fd, message, index_here);
        int number = refuse(fd, message);
        if (number) {
            note_refusal(fd, message, number);
            message->nlmsg_type = NLMSG_NOOP;
            message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
        }
        size_t step = NLMSG_ALIGN(message->nlmsg_len);
        if (step >= length)
            return;
        buffer += step;
        length -= step;
    }
}
