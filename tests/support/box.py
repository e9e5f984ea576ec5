"""A throwaway CentOS for the scripts of tests/vagrant: support.rpm_host.RpmHost, with mirrors that are its own."""

from __future__ import absolute_import, division, print_function

import os
import shutil

from support import process
from support.program import TOP

SCRIPTS = os.path.join(TOP, 'tests', 'vagrant')
CENTOS_KEY = '/etc/pki/rpm-gpg/RPM-GPG-KEY-CentOS-6'
EPEL_KEY = '/etc/pki/rpm-gpg/RPM-GPG-KEY-EPEL-6'
# Four servers: the vault, one that has none, one that never answers, and (8004) none at all.
SERVERS = r'''
import http.server, os, socket, sys, threading
os.chdir(sys.argv[1])
class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *words): pass
class Portal(Quiet):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"<html>moved</html>")
kinds = (8001, Quiet), (8002, Portal)
servers = [http.server.ThreadingHTTPServer(("127.0.0.1", port), kind) for port, kind in kinds]
silent = socket.socket(); silent.bind(("127.0.0.1", 8003)); silent.listen(50)
for one in servers: threading.Thread(target=one.serve_forever, daemon=True).start()
print("ready", flush=True)
sys.stdin.read()
'''
VAULT, PORTAL, SILENT, ABSENT = ['http://127.0.0.1:%d' % port for port in (8001, 8002, 8003, 8004)]
_SPEC = """
%%define _build_id_links none
%%define debug_package %%{nil}
Name: %(name)s
Version: %(version)s
Release: 1.el6
Summary: A stand-in for tests
License: MIT
BuildArch: noarch
AutoReqProv: no
%%description
A stand-in for tests.
%%install
mkdir -p %%{buildroot}/usr/share/%(name)s
echo %(version)s >%%{buildroot}/usr/share/%(name)s/version
%(install)s
%%files
/usr/share/%(name)s
%(files)s
"""
DOCKER = r'''
mkdir -p %{buildroot}/usr/bin %{buildroot}/etc/init.d
printf '#!/bin/sh\n[ -e /run/docker-runs ] && echo Client version: 1.7.1\n' >%{buildroot}/usr/bin/docker
printf '#!/bin/sh\ngrep -q 1.02.117 /usr/share/device-mapper-libs/version && : >/run/docker-runs\n' \
    >%{buildroot}/etc/init.d/docker
chmod 755 %{buildroot}/usr/bin/docker %{buildroot}/etc/init.d/docker
'''
NETNSCTL = r'''
mkdir -p %{buildroot}/usr/sbin
printf '#!/bin/sh\necho netnsctl, version @VERSION@\n' >%{buildroot}/usr/sbin/netnsctl
chmod 755 %{buildroot}/usr/sbin/netnsctl
'''


class Vaults(object):
    """folder: what the mirrors serve, with packages signed by `packages.key` (CentOS) and `packages.other_key` (EPEL).

    packages: support.rpm_packages.Packages, whose keys these are.
    """

    def __init__(self, packages):
        self.packages = packages
        self.folder = os.path.join(packages.folder, 'mirrors')
        self.built = {}
        self._offer('6.5/os', ('base-thing', '1', '', ''), ('kernel', '2', '', ''))
        self._offer('6.5/updates', ('kernel', '3', '', ''))
        self._offer('6.5/extras')
        self._offer('6.10/os', ('device-mapper-libs', '1.02.117', '', ''), ('kernel', '4', '', ''))
        with open(packages.other_key) as key:
            text = key.read()
        bring = '\n'.join((
            'mkdir -p %{buildroot}/etc/pki/rpm-gpg %{buildroot}/etc/yum.repos.d',
            "cat >%%{buildroot}%s <<'END'\n%sEND" % (EPEL_KEY, text),
            "cat >%{buildroot}/etc/yum.repos.d/epel.repo <<'END'",
            '[epel]\nname=x\nmirrorlist=https://mirrors.invalid/\nEND'))
        self._offer('6.10/extras', ('epel-release', '6', bring, EPEL_KEY + '\n/etc/yum.repos.d/epel.repo'))
        self._offer('epel', ('docker-io', '1.7.1', DOCKER, '/usr/bin/docker\n/etc/init.d/docker'), key='somebody-else')

    def build(self, name, version, install='', files='', key='rdo-havana-sign'):
        """The signed package (unsigned, with key=None) of that name, a file."""
        place = os.path.join(self.packages.folder, 'box-%s-%s-%s' % (name, version, key))
        if not os.path.isdir(place):
            os.mkdir(place)
            spec = os.path.join(place, 'spec')
            with open(spec, 'w') as target:
                target.write(_SPEC % {'name': name, 'version': version, 'install': install, 'files': files})
            process.must(['rpmbuild', '-bb', '--quiet', '--define', '_topdir ' + place, '--define', '_rpmdir ' + place,
                          '--define', '_rpmfilename package.rpm', spec], timeout=120)
            if key:
                self.packages.sign(os.path.join(place, 'package.rpm'), key)
        return os.path.join(place, 'package.rpm')

    def _offer(self, path, *packages, **options):
        place = os.path.join(self.folder, path, os.uname()[4])
        os.makedirs(place)
        for package in packages:
            shutil.copy(self.build(*package, **options), os.path.join(place, '%s-%s.rpm' % package[:2]))
        process.must(['createrepo_c', '--quiet', '--general-compress-type=gz', place], timeout=60)

    def netnsctl_repository(self, name, key='rdo-havana-sign', version='1'):
        """A folder as `make repo` makes it, with a stand-in for the package."""
        place = os.path.join(self.packages.folder, name)
        os.mkdir(place)
        shutil.copy(self.build('netnsctl', version, NETNSCTL.replace('@VERSION@', version), '/usr/sbin/netnsctl', key),
                    os.path.join(place, 'netnsctl.rpm'))
        shutil.copy(self.packages.key, os.path.join(place, 'RPM-GPG-KEY-netnsctl'))
        process.must(['createrepo_c', '--quiet', place], timeout=60)
        self.packages.sign_metadata(place)
        return place


class Box(object):
    """A host that is CentOS 6.5 by its files: script(name, *args, **environ) runs one of tests/vagrant -> Result."""

    def __init__(self, host, vaults, release='CentOS release 6.5 (Final)'):
        self.host, self.vaults = host, vaults
        host.write('/etc/redhat-release', release + '\n')
        with open(vaults.packages.key) as key:
            host.write(CENTOS_KEY, key.read())
        host.write('/etc/yum.repos.d/CentOS-Base.repo', '[base]\nname=x\nmirrorlist=http://mirrorlist.invalid/\n')
        host.write('/etc/yum/pluginconf.d/fastestmirror.conf', '[main]\nenabled=1\n')
        # What EL6 has and this machine may lack.
        host.write('/usr/local/sbin/chkconfig', '#!/bin/sh\necho "$*" >>/scratch/chkconfig\n')
        host.write('/usr/local/sbin/service', '#!/bin/sh\nname=$1\nshift\nexec /etc/init.d/$name "$@"\n')
        host.sh('chmod 755 /usr/local/sbin/chkconfig /usr/local/sbin/service')
        # This machine's own would stand before the package's.
        host.sh('rm -f /usr/local/sbin/docker /usr/local/bin/docker')
        self.install('device-mapper-libs', '1.02.79')
        self.install('kernel', '1')
        self.servers = process.start(host.prefix + ['python3', '-c', SERVERS, vaults.folder],
                                     environ=host.program.environ())
        if process.native(self.servers.stdout.readline()) != 'ready\n':
            raise AssertionError('no mirrors: %r' % process.finish(self.servers))

    def install(self, name, version):
        """Puts a package in, as the box has it already."""
        path = self.vaults.build(name, version)
        self.host.sh('rpm -i --nodeps --force-debian %s 2>/dev/null || rpm -i --nodeps %s' % (path, path))

    def script(self, name, *args, **environ):
        """Runs one script; keywords are variables."""
        variables = dict((key, value) for key, value in environ.items())
        variables.setdefault('NETNSCTL_VAULT_SECONDS', '1')
        return process.run(self.host.prefix + ['sh', os.path.join(SCRIPTS, name)] + list(args), timeout=180,
                           environ=self.host.program.environ(environ=variables))

    def version(self, name):
        """The version of an installed package, or ''."""
        return self.host.sh('rpm -q --qf "%%{VERSION}" %s || true' % name).replace(
            'package %s is not installed' % name, '').strip()

    def close(self):
        process.finish(self.servers, timeout=10)
