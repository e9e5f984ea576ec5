"""Which runtimes are on a host, and have anything that a bare name could mean: by a few files, without any process.

Apart from edge.runtimes.finding: on a host without containers that is never needed.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.runtimes import docker_address


def is_installed(host, scheme):
    """Can this runtime be asked at all on this host?"""
    program, _ = _RUNTIMES[scheme]
    return host.find(program) is not None or scheme == 'docker' and docker_socket_there(host)


def is_present(host, scheme):
    """Is it installed, and is there anything of it?"""
    return is_installed(host, scheme) and _RUNTIMES[scheme][1](host)


def program_of(scheme):
    """The program that this runtime is asked by."""
    return _RUNTIMES[scheme][0]


def docker_socket_there(host):
    """Is there a unix socket where docker is asked?"""
    endpoint = docker_address.socket_path(host)
    return endpoint is not None and host.exists(endpoint)


def _docker_present(host):
    return docker_address.socket_path(host) is None or docker_socket_there(host)


def _podman_present(host):
    """Does containers/storage list any container? podman takes 30 to 100 ms to say no; these files say it at once.

    Every rootful container is in one of them, one from a root directory too, and those of CRI-O and buildah, which
    podman then denies. containers-storage.conf(5); the list of volatile ones (`run --rm`) is a file of its own since
    podman 4.4, under runroot with transient_store.
    """
    roots = {'graphroot': '/var/lib/containers/storage', 'runroot': '/run/containers/storage'}
    text = host.read('/etc/containers/storage.conf')
    if text is None:
        text = host.read('/usr/share/containers/storage.conf') or ''
    if 'root' in text:
        roots.update(_said_of(roots, text))
    for root in roots.values():
        for folder in host.listdir(root):
            if folder.endswith('-containers'):  # overlay-containers, vfs-containers ...
                for kind in ('containers.json', 'volatile-containers.json'):
                    if '{' in (host.read('%s/%s/%s' % (root, folder, kind), 4096) or ''):
                        return True
    return False


def _said_of(keys, text):
    """What storage.conf (TOML) says of these keys: [(key, value)]. Not by re, which would be loaded for this alone."""
    for line in text.splitlines():
        key, _, value = line.partition('=')
        key, value = key.strip(), value.strip()
        if key in keys and value[:1] in ('"', "'"):
            value, closing, _ = value[1:].replace("'", '"').partition('"')
            if value and closing:
                yield key, value


def lxc_path(host):
    """The directory of lxc's containers."""
    text = host.read('/etc/lxc/lxc.conf') or ''
    if 'lxcpath' not in text:
        return '/var/lib/lxc'
    import re
    found = re.search(r'(?m)^\s*(?:lxc\.)?lxcpath\s*=\s*(/\S+)', text)
    return found.group(1) if found else '/var/lib/lxc'


def _lxc_present(host):
    # A container of lxc-execute has no directory, but each that runs listens on an abstract socket: PATH/NAME/command,
    # or where that is too long lxc/HASH/command. Anyone can make such a socket: who answers is looked at in the
    # look-up.
    path = lxc_path(host)
    if host.listdir(path):
        return True
    sockets = host.read('/proc/net/unix', 64 << 20) or ''
    if '/command' not in sockets:
        return False
    import re
    return re.search(
        r'(?m) @(?:%s/[^/\n]+|lxc/[0-9a-f]{16})/command$' % re.escape(path), sockets) is not None


def _libvirt_present(host):
    # The controller of each running container keeps its PID there (libvirt, LXC_STATE_DIR).
    return any(entry.endswith('.pid') for entry in host.listdir('/var/run/libvirt/lxc'))


def _nspawn_present(host):
    return bool(host.listdir('/run/systemd/machines'))


# scheme: (program, function that says whether there is anything of it)
_RUNTIMES = {
    'docker': ('docker', _docker_present),
    'podman': ('podman', _podman_present),
    'lxc': ('lxc-info', _lxc_present),
    'libvirt-lxc': ('virsh', _libvirt_present),
    'nspawn': ('machinectl', _nspawn_present),
}
