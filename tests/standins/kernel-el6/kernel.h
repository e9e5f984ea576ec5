/* A stand-in for CentOS 6.5's kernel (2.6.32-431.el6): what its files share. See README. */
#ifndef KERNEL_H
#define KERNEL_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <dlfcn.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* real_NAME: the C library's own function, behind the one that stands in for it. */
#define REAL(type, name, arguments)                                \
    static type(*real_##name) arguments;                           \
    if (real_##name == NULL) {                                     \
        *(void **)&real_##name = dlsym(RTLD_NEXT, #name);          \
    }

/* A system call of today's kernel, whatever stands in for it. -1 and errno on error. */
#define todays(...) TODAYS(__VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define TODAYS(number, a, b, c, d, e, f, ...) \
    todays_call(number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
long todays_call(long number, long a, long b, long c, long d, long e, long f);

/* process.c */
/* Appends a line to the file that KERNEL_EL6_RECORD names: what happened, the program's name, its PID. */
void record(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* What that kernel does not survive: it is recorded, and the program (its process group, if it has a session of its
   own) is killed without a word, as it would be there. */
void panic(const char *cause) __attribute__((noreturn));
/* Where the first network namespace can be opened: KERNEL_EL6_FIRST. */
const char *first_namespace(void);

/* lookup.c */
struct link {
    int index;
    char name[16];
    char kind[24];
    unsigned flags; /* IFF_UP and its kin */
    int has_parent; /* a real device: of a bus, or of virtio */
};
/* Is the socket of family `domain`? Of the protocol, too, unless that is -1. */
int is_socket(int fd, int domain, int protocol);
/* The link of that index (or, for index 0, of that name) in the namespace of a socket: 0, or -1 where there is none.
   has_parent is filled if parent is not 0. */
int look_up(int fd, int index, const char *name, int parent, struct link *found);
/* Is a socket's namespace the first one? */
int is_in_first(int fd);
/* A number that no other socket has had. */
uint64_t socket_number(int fd);
/* The inode of a socket's namespace, or 0 if it is the first one, or not told. */
ino_t namespace_number(int fd);

/* indexes.c: the loopback link's number, which is 1 in the first namespace alone. */
int index_there(int fd, int index); /* today's index -> that kernel's */
int index_here(int fd, int index);  /* that kernel's -> today's */
void change_indexes(int fd, struct nlmsghdr *message, int (*change)(int fd, int index));

/* requests.c */
#define IGNORED 0 /* a type of attribute that every kernel passes over: IFLA_UNSPEC and its kin */
/* How many bytes of attributes nla_parse() would leave over. */
int left_over(const void *at, int length);
/* Changes a datagram that is about to be sent: what that kernel refuses becomes NLMSG_NOOP, which today's
   acknowledges in its place in the order; what it passes over becomes IGNORED. */
void change_requests(int fd, char *buffer, size_t length);
int is_kind(const char *kind);

/* answers.c */
/* Notes that the request of that sequence number is refused with an errno. */
void note_refusal(int fd, const struct nlmsghdr *request, int number);
/* Changes what was received into what that kernel would have sent: the new length. */
size_t change_answers(int fd, char *buffer, size_t length);

#endif
