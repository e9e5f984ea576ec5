"""The address at which docker is asked, why it does not answer there, and what to do about it."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import shell_quote
from netnsctl.errors import NoAnswerError

SOCKET = '/var/run/docker.sock'


def address(host):
    """The address that docker is asked at, as DOCKER_HOST has it: 'unix:///var/run/docker.sock', 'tcp://10.0.0.1:2375'.

    A docker context, which the `docker` command follows, may say otherwise where DOCKER_HOST is not set.
    """
    return host.environ.get('DOCKER_HOST') or 'unix://' + SOCKET


def is_usual(host):
    """Is docker asked where its service listens?"""
    return address(host) == 'unix://' + SOCKET


def is_only_usual(host):
    """Is docker asked where its service listens by the `docker` command too: does no docker context say otherwise?"""
    folder = host.environ.get('DOCKER_CONFIG') or '/root/.docker'  # helpers have root's home
    return (is_usual(host) and not host.environ.get('DOCKER_CONTEXT')
            and 'currentContext' not in (host.read(folder + '/config.json') or ''))


def socket_path(host):
    """The path of the engine's socket, or None if DOCKER_HOST names something that is not a unix socket."""
    kind, _, path = address(host).partition('://')
    return (path or SOCKET) if kind == 'unix' else None


def no_answer(host, attempt, cause):
    """The error for a docker that does not answer: NoAnswerError. attempt: 'look up docker container web'."""
    where = address(host)
    # The `docker` command names the address in its own words: another one where a docker context says so.
    import re  # for an error alone
    named = re.match(r'(?i)cannot connect to the docker daemon at (\S+?)\.? is the docker daemon running\??', cause)
    if named:
        where, cause = named.group(1), 'cannot connect%s' % cause[named.end():]
    return NoAnswerError('%s: docker does not answer at %s: %s' % (attempt, where, cause), hint=hint(host, where))


def hint(host, where=None):
    """What makes docker answer at its address (or at `where`), with a command to paste."""
    where = where or address(host)
    kind, _, rest = where.partition('://')
    if kind == 'unix':
        if where == 'unix://' + SOCKET:
            text = 'Start docker: %s' % start_command(host)
            if host.environ.get('SUDO_USER'):
                text += '\nsudo drops DOCKER_HOST; if docker listens elsewhere: ' \
                        'sudo env DOCKER_HOST="$DOCKER_HOST" netnsctl ...'
            return text
        return 'Does a docker daemon listen there? docker -H %s version' % shell_quote(where)
    if kind in ('tcp', 'http', 'https'):
        return 'Can it be reached from here? docker -H %s version' % shell_quote(where)
    if kind == 'ssh':
        import re
        return 'Does ssh log in there without a password? ssh %s docker version' % shell_quote(
            rest.partition('/')[0].rpartition(':')[0] if re.search(r':[0-9]+$', rest.partition('/')[0])
            else rest.partition('/')[0])
    return 'DOCKER_HOST=%s is not an address that docker supports: unix://, tcp://, ssh://' % shell_quote(where)


def start_command(host):
    """The command that starts docker's service on this host."""
    return 'systemctl start docker' if host.exists('/run/systemd/system') else 'service docker start'
