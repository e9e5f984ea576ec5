"""The stand-in for CentOS 6.5 (tests/el6) and the acceptance suite (tests/acceptance), in it."""
from __future__ import absolute_import, division, print_function

import os
import re

import pytest

from support import doc_pages
from support.containers import Unavailable
from support.lacking import lacking
from support.own_dockerd import OwnDockerd
from support.process import run
from support.program import TOP

EL6 = os.path.join(TOP, 'tests', 'el6')
SUITE = os.path.join(TOP, 'tests', 'acceptance')
# What the suite may leave out in the stand-in: nothing.
SKIPS = []


@pytest.fixture(scope='session')
def stand_in():
    """stand_in(script, *binds) -> Result of a shell in a throwaway stand-in."""
    if os.geteuid() != 0:
        pytest.skip('needs root: it makes namespaces')
    # Downloads Debian's packages where it is not kept yet; a run without a network has to find it there.
    built = run([os.path.join(EL6, 'build')], timeout=900)
    if built.status != 0:
        lacking('el6', built.err)

    def call(script, *binds):
        words = [word for bind in binds for word in ('--bind', bind)]
        return run([os.path.join(EL6, 'run')] + words + ['sh', '-c', script], timeout=300)
    return call


@pytest.fixture(scope='session')
def repository(checkout, tmpdir_factory):
    """The folder that clients are to find at /srv/netnsctl, of this checkout as it stands."""
    folder = str(tmpdir_factory.mktemp('acceptance').join('repo'))
    result = run([checkout.path('repo', 'build')], timeout=300, environ=dict(
        os.environ, RPM_ARGS='--without doc', DISTS='el6', KEY='', DEST=folder, BASEURL='file:///srv/netnsctl'))
    assert result.status == 0, result
    return folder


def lines_of(result):
    """The TAP of a run: list of (ok, description, reason of a skip or None), held against its plan."""
    found = re.findall(r'(?m)^(not )?ok (\d+) - (.*?)(?: # SKIP (.*))?$', result.out)
    assert [int(number) for _, number, _, _ in found] == list(range(1, len(found) + 1)), result
    assert re.search(r'(?m)^1\.\.%d$' % len(found), result.out), result
    return [(not bad, description, skipped or None) for bad, _, description, skipped in found]


def assert_green(result):
    lines = lines_of(result)
    assert result.status == 0 and len(lines) > 50, result
    assert [description for ok, description, _ in lines if not ok] == []
    assert [description for _, description, skipped in lines if skipped] == SKIPS


# the stand-in

def test_the_stand_in_calls_itself_centos_6_5(stand_in):
    result = stand_in('cat /etc/redhat-release; rpm -q --qf "%{NAME}-%{VERSION}-%{RELEASE}\\n" centos-release iproute;'
                      'ls /etc/os-release /etc/debian_version /run 2>&1 | grep -v "No such file"; rpm -Va')
    assert result.out == ('CentOS release 6.5 (Final)\ncentos-release-6-5.el6.centos.11.1\n'
                          'iproute-2.6.32-31.el6\n'), result


def test_its_python_is_old_and_no_python_3_is_on_path(stand_in):
    result = stand_in('/usr/bin/python -c "import sys; print(sys.version_info[:2] <= (2, 7))"; '
                      'for folder in $(echo $PATH | tr : " "); do ls $folder; done | grep -E "python3|^(dnf|apt|dpkg)"')
    assert result.out == 'True\n', result


def test_its_ip_answers_as_that_of_el6(stand_in):
    result = stand_in('ip -V; ip netns; echo $?; ip link set lo netns nosuch; echo $?; ip link show lo | grep -c UP')
    assert result.out == 'ip utility, iproute2-ss091226\n255\n255\n1\n'
    assert result.err == ('Object "netns" is unknown, try "ip help".\n'
                          'Error: argument "nosuch" is wrong: Invalid "netns" value\n\n')


def test_its_yum_and_rdo_repository_bring_an_ip_with_netns(stand_in):
    result = stand_in('rdo=/usr/libexec/el6/rdo; rpm --import $rdo/RPM-GPG-KEY-RDO-Havana; '
                      'rpm -K $rdo/iproute-*.rpm; '
                      'printf "[rdo]\\nname=rdo\\nbaseurl=file://$rdo\\ngpgcheck=1\\n" >/etc/yum.repos.d/rdo.repo; '
                      'yum -y -q update iproute; rpm -q iproute; ip netns add a; ip netns; '
                      'ip netns exec a ip link set lo up; ls /var/run/netns; ip netns delete a; ls /var/run/netns')
    assert 'digests signatures OK' in result.out, result
    assert result.out.endswith('iproute-2.6.32-130.el6ost.netns.2.x86_64\na\na\n'), result


def test_its_chkconfig_and_service(stand_in, tmpdir):
    script = tmpdir.join('script')
    script.write('#!/bin/sh\n# chkconfig: 35 20 80\necho "$1 $HOME"\n')
    script.chmod(0o755)
    result = stand_in('s=/etc/init.d/try; cp /script $s; chkconfig --add try; chkconfig --list try; chkconfig try off; '
                      'chkconfig try; echo $?; chkconfig try on; chkconfig try; echo $?; ls /etc/rc3.d; '
                      'HOME=/x service try start; chkconfig --del try; ls /etc/rc3.d; chkconfig nosuch on; echo $?; '
                      'service nosuch start; echo $?', '%s:/script' % script)
    assert result.out == ('try            \t0:off\t1:off\t2:off\t3:on\t4:off\t5:on\t6:off\n'
                          '1\n0\nS20try\nstart \n1\n1\n'), result
    assert result.err == ('error reading information on service nosuch: No such file or directory\n'
                          'nosuch: unrecognized service\n')


def test_what_a_stand_in_changes_is_gone_with_it(stand_in):
    before = os.listdir('/proc/self/fd'), os.listdir('/sys/class/net')
    assert stand_in('touch /etc/mark; mkdir -p /var/run/netns; exit 3').status == 3
    assert stand_in('ls /etc/mark /var/run/netns').status != 0
    assert os.listdir('/sys/class/net') == before[1]


def test_bad_options_of_the_stand_in_are_refused():
    for words in (['--bind'], ['--bind', '/etc'], ['--nosuch']):
        result = run([os.path.join(EL6, 'run')] + words)
        assert (result.status, result.out) == (2, '') and result.err.startswith('tests/el6/run: '), result


def test_the_lines_of_the_manual_for_centos_6_5_do_what_they_say(stand_in, repository):
    lines, = [block.lines for block in doc_pages.blocks('docs/el6.md') if doc_pages.is_run(block)]
    assert len(lines) > 8
    # yum asks, and who follows the page answers.
    script = '\n'.join(['set -eux', 'echo assumeyes=1 >>/etc/yum.conf'] + lines +
                       ['netnsctl netns delete a', 'netnsctl netns delete b',
                        'rm -rf /var/run/netnsctl /var/lock/subsys/netnsctl', '/etc/rc.d/rc 3', 'netnsctl ls'])
    result = stand_in(script, repository + ':/srv/netnsctl')
    assert result.status == 0, result
    assert 'digests signatures OK' in result.out and '1 received' in result.out, result
    # The tree brings it back where nothing of it is recorded, as after a boot.
    assert result.out.endswith('\na:A-b:B  whole  netns://a:A 10.1.1.1/32  netns://b:B 10.1.1.2/32\n'), result


# the suite

@pytest.fixture
def engine():
    """A Docker Engine of our own, started and stopped."""
    try:
        made = OwnDockerd()
    except Unavailable as reason:
        lacking('docker', str(reason))
    yield made
    made.close()


@pytest.mark.thorough
def test_the_suite_is_green_in_the_stand_in_after_the_scripts_of_the_vagrant_machine(stand_in, repository):
    assert_green(run([os.path.join(TOP, 'tests', 'vagrant', 'try')], timeout=600,
                     environ=dict(os.environ, REPO=repository, TIMES='first')))


@pytest.mark.thorough
def test_the_suite_is_green_in_the_docker_image(stand_in, repository, engine):
    assert_green(run([os.path.join(EL6, 'acceptance'), 'docker'], timeout=600,
                     environ=dict(os.environ, REPO=repository, **engine.environ)))


def test_the_suite_says_so_where_netnsctl_is_not_installed(stand_in):
    result = stand_in('sh /suite/run', SUITE + ':/suite')
    assert (result.status, result.out) == (1, 'Bail out! netnsctl is not installed\n')


# One that wires nothing and says it did.
LIAR = '''#!/bin/sh
case $* in
    --version) echo 'netnsctl 0.0' ;;
    'doctor --fix'*|unwire*) ;;
    wire*) echo 'wired (netlink, checked) (iproute, checked)' ;;
esac
'''


def test_the_suite_fails_for_a_netnsctl_that_does_nothing_and_calls_it_done(stand_in, tmpdir):
    tmpdir.join('netnsctl').write(LIAR)
    result = stand_in('cp /liar /usr/sbin/netnsctl; chmod 755 /usr/sbin/netnsctl; sh /suite/run; s=$?; ls /tmp; '
                      'exit $s',
                      SUITE + ':/suite', '%s:/liar' % tmpdir.join('netnsctl'))
    assert result.status == 1
    bad = [description for ok, description, _ in lines_of(result) if not ok]
    for description in ('netns list has them', '... ping both ways', '... ls calls it whole',
                        '... one that differs is a conflict', '... both ends are gone', '... ip netns list'):
        assert description in bad, result
    assert 'nacc' not in result.out.split('# failed')[1]


@pytest.mark.thorough
def test_the_suite_leaves_service_package_and_iproute_alone_where_nobody_said_otherwise(stand_in, repository,
                                                                                          tmpdir):
    """On a host with a tree and a wire of somebody's: all that it made is gone, all else as it was."""
    script = tmpdir.join('script')
    script.write('''set -eu
sh /root/install >/dev/null
netnsctl netns add mine
netnsctl wire mine=10.0.0.1/32 host:mine0=10.0.0.2/32 --save >/dev/null
before=$(cat /proc/net/dev | cut -d : -f 1; ls -R /var/run/netns /etc/sysconfig/netns; rpm -qa | sort; netnsctl ls)
sh /suite/run
after=$(cat /proc/net/dev | cut -d : -f 1; ls -R /var/run/netns /etc/sysconfig/netns; rpm -qa | sort; netnsctl ls)
[ "$before" = "$after" ] || { echo "$before"; echo "$after"; exit 9; }
''')
    result = stand_in('sh /script', SUITE + ':/suite', '%s:/script' % script, repository + ':/srv/netnsctl',
                      os.path.join(EL6, 'install') + ':/root/install')
    assert result.status == 0, result
    skipped = [description for _, description, reason in lines_of(result) if reason]
    assert skipped == ['config save, and the service', 'doctor --fix rdo', 'wire by iproute', 'removal']


def test_the_suite_over_ssh_is_copied_run_and_taken_away(stand_in, tmpdir):
    """The transport alone is not ssh here: what would go over it goes into a shell in a stand-in."""
    transport = tmpdir.join('transport')
    transport.write('#!/bin/sh\nshift\nexec "%s/run" sh -c "$1; s=\\$?; ls /tmp; exit \\$s"\n' % EL6)
    transport.chmod(0o755)
    result = run([os.path.join(SUITE, 'over-ssh'), 'root@host'], timeout=120,
                 environ=dict(os.environ, SSH=str(transport), NETNSCTL_ACCEPTANCE_RPM="it's $HOME"))
    assert (result.status, result.out) == (1, 'Bail out! netnsctl is not installed\n'), result


@pytest.mark.thorough
def test_the_suite_goes_by_any_command_that_runs_a_line_of_shell(stand_in, tmpdir):
    tmpdir.join('netnsctl').write(LIAR)
    tmpdir.join('netnsctl').chmod(0o755)
    via = 'VIA=%s --bind %s:/usr/sbin/netnsctl sh -c' % (os.path.join(EL6, 'run'), '%s')
    result = run(['make', '-s', '-C', TOP, 'acceptance', via % tmpdir.join('netnsctl')], timeout=300)
    # The status is make's own. All of the suite is over there: it comes to its plan.
    assert result.status == 2 and [line for line in lines_of(result) if not line[0]], result


def test_the_suite_by_a_command_without_a_word_is_refused():
    result = run([os.path.join(SUITE, 'via')])
    assert (result.status, result.out) == (2, '') and result.err.startswith('usage: '), result
