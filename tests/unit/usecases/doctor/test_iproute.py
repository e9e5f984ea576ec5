"""The doctor's checks of every `ip` and of the backends, on stand-ins."""
from __future__ import absolute_import, division, print_function

import os
import subprocess
import sys

import pytest

from netnsctl.edge import ip_program, shim_file
from netnsctl.edge.host import Host
from netnsctl.edge.packages import libraries
from netnsctl.usecases import doctor
from netnsctl.usecases.doctor.software import iproute
from netnsctl.usecases.doctor.software.backend import check_backend
from support.doctor import STANDINS, USUAL_PATH


def test_an_ip_that_knows_netns_is_quiet(program):
    folder = program('ip', 'case "$*" in\n'
                           '-V) echo "ip utility, iproute2-5.10.0, libbpf 0.3" ;;\n'
                           '"-n . link") echo Invalid name >&2; exit 1 ;;\n'
                           'esac')
    host = Host(path=folder)
    finding = iproute.check_ip(host)
    assert finding.status == 'ok' and 'iproute2-5.10.0, supports netns -n -json -batch' in finding.text
    assert doctor.run(host, ['backend'])[0].text == 'auto chooses iproute: %s/ip supports netns' % folder


def test_one_ip_is_asked_once_until_it_changes(program, tmpdir):
    log = tmpdir.join('log')
    host = Host(path=program('ip', 'echo "$*" >>%s' % log))
    ip_program.found(host)
    asked = log.read()
    assert asked and ip_program.found(host).netns and log.read() == asked
    program('ip', 'echo changed >>%s; exit 1' % log)
    assert not ip_program.found(host).netns and 'changed' in log.read()


def test_an_ip_with_netns_but_no_dash_n_is_quiet():
    folder = os.path.join(STANDINS, 'ip-rdo')
    finding = iproute.check_ip(Host(path='%s:%s' % (folder, USUAL_PATH)))
    assert finding.status == 'ok' and finding.text.endswith('supports netns -batch, does not support -n -json')


def test_an_ip_like_el6s_is_an_advice_that_names_a_way_out(program):
    folder = program('ip', '[ "$*" = -V ] && echo "ip utility, iproute2-ss091226" && exit\n'
                           'echo \'Object "netns" is unknown, try "ip help".\' >&2; exit 255')
    host = Host(path=folder)
    finding = iproute.check_ip(host)
    assert finding.status == 'warn' and 'iproute2-ss091226, does not support netns' in finding.text
    prose = finding.remediation.prose
    assert 'netlink backend' in prose and 'the shim' in prose and 'RDO' not in prose
    assert finding.remediation.commands == ['netnsctl shim enable']
    backend = check_backend(host)
    assert backend.status == 'ok' and 'auto chooses netlink' in backend.text and 'has no netns' in backend.text


def test_a_better_ip_further_down_the_path_is_pointed_out(program):
    old = program('ip', 'exit 255', 'old')
    new = program('ip', 'exit 0', 'new')
    finding = iproute.check_ip(Host(path='%s:%s' % (old, new)))
    assert finding.status == 'warn' and '%s/ip, further down the PATH' % new in finding.remediation.prose
    assert [what for what, _ in finding.evidence] == [
        old + '/ip', 'package of %s/ip' % old, new + '/ip', 'package of %s/ip' % new]


def test_one_ip_under_two_names_is_one(program, tmpdir):
    folder = program('ip', 'exit 0')
    os.symlink(folder, str(tmpdir.join('again')))
    finding = iproute.check_ip(Host(path='%s:%s/again' % (folder, tmpdir)))
    assert [what for what, _ in finding.evidence] == [folder + '/ip', 'package of %s/ip' % folder]
    assert '(also %s/again/ip)' % tmpdir in finding.evidence[0][1]


def test_no_ip_at_all_is_an_advice(program):
    host = Host(path=program('yum', 'exit 0'))
    finding = iproute.check_ip(host)
    assert finding.status == 'warn' and finding.remediation.commands == ['yum install iproute']
    assert check_backend(host).text == 'auto chooses netlink: there is no ip'


def test_an_ip_that_does_not_answer_is_an_advice(program, monkeypatch):
    monkeypatch.setattr('netnsctl.edge.ip_program.PROBE_SECONDS', 0.2)
    finding = iproute.check_ip(Host(path=program('ip', 'exec /bin/sleep 60')))
    assert finding.status == 'warn' and 'does not work' in finding.text and 'no answer within' in finding.evidence[0][1]


def test_an_ip_that_is_no_program_is_an_advice(program, tmpdir):
    folder = program('ip', '')
    tmpdir.join('bin', 'ip').write('\x7fELFnot')
    finding = iproute.check_ip(Host(path=folder))
    assert finding.status == 'warn' and 'netlink backend' in finding.remediation.prose


@pytest.mark.parametrize('has_netns,status,words', [
    (True, 'warn', 'netlink cannot be used'), (False, 'fail', 'no backend works'),
])
def test_a_missing_pyroute2_is_in_the_way_only_where_netlink_is_needed(program, has_netns, status, words):
    folder = program('ip', 'exit %d' % (0 if has_netns else 255))
    # A process of its own: what Python has imported once stays.
    text = ('import sys\n'
            'class Refuse(object):\n'
            '    def find_spec(self, name, path=None, target=None):\n'
            '        if name.split(".")[0] == "pyroute2":\n'
            '            raise ImportError("No module named pyroute2")\n'
            '    def find_module(self, name, path=None):\n'
            '        return self.find_spec(name)\n'
            'sys.meta_path.insert(0, Refuse())\n'
            'from netnsctl.edge.host import Host\n'
            'from netnsctl.usecases import doctor\n'
            'finding, = doctor.run(Host(path=%r), ["backend"])\n'
            'print(finding.status + ": " + finding.text)\n'
            'print("\\n".join(finding.remediation.commands))\n' % folder)
    process = subprocess.Popen([sys.executable, '-c', text], stdout=subprocess.PIPE,
                               env=dict(os.environ, PYTHONPATH=':'.join(path for path in sys.path if path)))
    out = process.communicate()[0].decode()
    assert out.startswith(status + ': ') and words in out
    assert out.splitlines()[1:] == [libraries.install_command(Host(path=folder), ['pyroute2'])]


@pytest.mark.parametrize('unknown,words', [
    ('', 'supports netns -n -json -batch'),
    ('-json', 'supports netns -n -batch, does not support -json'),
    ('-batch', 'supports netns -n -json, does not support -batch'),
    ('-n', 'supports netns -json -batch, does not support -n'),
])
def test_each_option_of_an_ip_is_asked_for_by_itself(program, unknown, words):
    folder = program('ip', '[ "$1" = -V ] && echo "ip utility, iproute2-6.1.0"\n'
                           '[ "$1" = "%s" ] && echo "Option \\"%s\\" is unknown, try \\"ip -help\\"." >&2 && exit 255\n'
                           '[ "$1" != -n ]' % (unknown or 'none', unknown))
    assert iproute.check_ip(Host(path=folder)).text.endswith('iproute2-6.1.0, ' + words)


def test_an_option_that_is_taken_with_a_complaint_is_not_known(program):
    folder = program('ip', 'case "$1" in -json) echo "Option \\"-json\\" is unknown" >&2 ;; -n) exit 1 ;; esac')
    assert 'does not support -json' in iproute.check_ip(Host(path=folder)).text


# What an ip like EL6's says of everything but -V.
OLD = '[ "$*" = -V ] && echo "ip utility, iproute2-ss091226" && exit\nexit 255'


def put_shim(folder):
    """netnsctl's shim as the ip of a folder: the folder."""
    os.mkdir(str(folder))
    os.symlink(shim_file.PROGRAM, str(folder.join('ip')))
    return str(folder)


def test_an_old_ip_with_the_shim_in_front_of_it_is_quiet(program, tmpdir):
    shim, old = put_shim(tmpdir.join('shim')), program('ip', OLD)
    finding = iproute.check_ip(Host(path='%s:%s' % (shim, old)))
    assert finding.status == 'ok' and finding.text.endswith('the shim in front of it does the rest')
    assert dict(finding.evidence)[shim + '/ip'] == 'netnsctl\'s shim, in front of the others'
    assert 'package of %s/ip' % shim not in dict(finding.evidence)


def test_a_shim_behind_the_old_ip_does_not_help(program, tmpdir):
    shim, old = put_shim(tmpdir.join('shim')), program('ip', OLD)
    finding = iproute.check_ip(Host(path='%s:%s' % (old, shim)))
    assert finding.status == 'warn' and finding.text.startswith(old)


def test_a_shim_with_no_ip_behind_it_is_no_ip(tmpdir):
    finding = iproute.check_ip(Host(path=put_shim(tmpdir.join('shim'))))
    assert finding.status == 'warn' and 'there is no ip on the PATH' in finding.text


def test_an_old_ip_is_quiet_where_the_host_is_to_do_without(tmpdir, program):
    program('ip', OLD, 'usr/sbin')
    tmpdir.join('etc/netnsctl.conf').write('backend = netlink\n', ensure=True)
    tmpdir.join('etc/netnsctl.conf').chmod(0o644)
    finding = iproute.check_ip(Host(root=str(tmpdir), environ={}))
    assert finding.status == 'ok' and 'netnsctl works without it, as /etc/netnsctl.conf says' in finding.text


@pytest.mark.parametrize('text,short', [
    ('ip utility, iproute2-6.1.0, libbpf 1.1.0', 'iproute2-6.1.0'),
    ('ip utility, iproute2-ss091226\nmore', 'iproute2-ss091226'),
    ('', 'unknown version'), ('BusyBox v1.35.0 multi-call binary', 'BusyBox v1.35.0 multi-call binary'),
])
def test_of_a_version_the_words_that_every_ip_says_are_left_out(text, short):
    assert iproute.short_version(text) == short


@pytest.mark.parametrize('text,mode,words', [
    ('backend = nonsense\n', 0o644, '/etc/netnsctl.conf:1: backend is one of'),
    ('backend = iproute\n', 0o644, 'has no netns'),
    ('backend = netlink\n', 0o666, 'users other than root can write to it'),
])
def test_a_decision_for_the_host_that_rules_every_backend_out_is_in_the_way(tmpdir, program, text, mode, words):
    program('ip', OLD, 'usr/sbin')
    tmpdir.join('etc/netnsctl.conf').write(text, ensure=True)
    tmpdir.join('etc/netnsctl.conf').chmod(mode)
    finding, = doctor.run(Host(root=str(tmpdir), environ={}), ['backend'])
    assert finding.status == 'fail' and finding.text.startswith('auto finds no backend: ') and words in finding.text
    assert '/etc/netnsctl.conf decides this' in finding.remediation.prose


@pytest.mark.parametrize('backend', ['iproute', 'netlink'])
def test_a_decision_for_the_host_is_told_with_its_line(tmpdir, program, backend):
    program('ip', 'exit 0', 'usr/sbin')
    tmpdir.join('etc/netnsctl.conf').write('# by hand\nbackend = %s\n' % backend, ensure=True)
    tmpdir.join('etc/netnsctl.conf').chmod(0o644)
    finding, = doctor.run(Host(root=str(tmpdir), environ={}), ['backend'])
    assert finding.status == 'ok' and finding.text.startswith('auto chooses ' + backend)
    assert backend == 'iproute' or '/etc/netnsctl.conf:2 says so' in finding.text
