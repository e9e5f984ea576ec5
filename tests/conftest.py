"""Fixtures for every test.

  run_netnsctl   runs the program under test: run_netnsctl('wire', a, b).status, .out, .err
  netns          netns() -> the name of a new namespace, removed after the test
  pair           the names of two
  host, engine   a throwaway host, a docker daemon that says what the test wants
  docker         containers with no network: docker.run('a') -> name, docker.execute(name, 'ping', ...), ...
  podman         the same
  old_ip, rdo_ip folders with a stand-in `ip`, for run_netnsctl(..., path=old_ip)
  ovs            Open vSwitch with a bridge of the test's: ovs.bridge, ovs.ports(), ovs.port(name, column)
  kernel_el6     CentOS 6.5's kernel, for a program or `kernel_el6.run(argv)` (tests/standins/kernel-el6)
  snapshot       snapshot(*pids) -> the state of the host and all namespaces, comparable
  nothing_left   nothing_left(before): asserts that the state is as it was at `before = snapshot()`

tests/integration, system, hostile, runtimes and ansible need root; they are skipped, with the reason, where it
lacks.
What a machine lacks skips the tests that need it, unless NETNSCTL_TEST_REQUIRE (words: docker, podman, uml) names it.
Under Python 2 a system test that has many cases runs the first, and the last too if they differ by backend, engine or
DHCP client, unless NETNSCTL_TEST_EVERY is set: a run under Python 3 has them all. In the user-mode-linux guest, which
is slow, it runs one of the two under Python 3, of every other test the last (make test-uml has all cases), and so does
make test-kernels with the integration tests in its guests.
`make test-all` (NETNSCTL_TEST_SAMPLE) does so with the integration tests too, and runs every other of these and of the
hostile tests; make test-integration has all, and make test-hostile.
A test that is marked `one_python` is about what is the same under every Python: a package manager, a DHCP client that
waits, a page of the manual. Under Python 2 it runs only with NETNSCTL_TEST_EVERY set.
A test of tests/system, tests/hostile, tests/packaging or tests/uml that is marked `thorough` takes long: it runs with
NETNSCTL_TEST_EVERY set (make test-every, test-hostile, test-rpm, test-uml), and not in `make test-all`.
NETNSCTL_TEST_KERNEL=el6 runs the program on the stand-in for CentOS 6.5's kernel in every test; with tests/tools/run,
tests that call it as a library are on that kernel as well.
Names are unique to the test process, so runs side by side do not meet; but two runs at once see each
other's links in nothing_left().
"""
from __future__ import absolute_import, division, print_function

import itertools
import os
import re
import shutil
import sys
import tempfile

import pytest

from support import containers, kernel_el6 as kernels
from support.aside import own_host
from support.engine import Engine
from support.guest_results import is_inside
from support.lacking import lacking
from support.own_dockerd import OwnDockerd
from support.own_ovs import OwnOvs
from support.process import must, run
from support.program import TOP, Program
from support.snapshot import STATE, listing
from support.snapshot import nothing_left as assert_nothing_left
from support.snapshot import snapshot as take_snapshot

PREFIX = 'nt%d' % os.getpid()
STANDINS = os.path.join(TOP, 'tests', 'standins')
_numbers = itertools.count()
NEED_ROOT = ('tests/integration', 'tests/system', 'tests/hostile', 'tests/installing', 'tests/runtimes',
             'tests/ansible', 'tests/firewalls')
# What a case of a test is done with, where it is not only what is given to the program.
MEANS = ('netlink', 'iproute', 'docker', 'podman', 'dhclient', 'busybox', 'udhcpc')
ON_EL6 = os.environ.get('NETNSCTL_TEST_KERNEL') == 'el6'


def pytest_configure(config):
    config.addinivalue_line('markers', 'thorough: takes long, and runs with NETNSCTL_TEST_EVERY set')
    config.addinivalue_line('markers', 'one_python: runs under Python 2 with NETNSCTL_TEST_EVERY set alone')


def pytest_collection_modifyitems(config, items):
    """Leaves out what takes long and what the other Python's run is enough for, and skips what cannot run
    on this kernel, or makes namespaces where we are not root."""
    if not os.environ.get('NETNSCTL_TEST_EVERY'):
        sampled = ['tests/integration'] * bool(os.environ.get('NETNSCTL_TEST_SAMPLE'))
        leave_out(config, items, [item for item in items if 'thorough' in item.keywords
                                  and is_below(item, 'tests/system', 'tests/hostile', 'tests/packaging', 'tests/uml')])
        if sys.version_info[0] < 3:
            leave_out(config, items, [item for item in items if 'one_python' in item.keywords])
            leave_cases_out(config, items, 'tests/system', 'tests/hostile', 'tests/installing', *sampled)
            if sampled and not is_inside():
                leave_every_other_out(config, items, 'tests/integration', 'tests/hostile')
        leave_cases_out(config, items, 'tests/uml/inside', *sampled * is_inside(), both=False)
    for item in items if ON_EL6 or '.el6.' in os.uname()[2] else ():
        what = kernels.lacking_there(item.name.partition('[')[0])
        if what and is_below(item, *NEED_ROOT):
            item.add_marker(pytest.mark.skip(reason="CentOS 6.5's kernel has not: " + what))
    if os.geteuid() == 0:
        return
    skip = pytest.mark.skip(reason='needs root: it makes network namespaces and links')
    for item in items:
        if is_below(item, *NEED_ROOT):
            item.add_marker(skip)


def leave_cases_out(config, items, *folders, **kwargs):
    """Of the cases of each test below these folders keeps the first, and of those that differ by what they are done
    with (a backend, an engine, a DHCP client) the last too, or with both=False, for every other test, alone."""
    tests = {}
    for item in items:
        if is_below(item, *folders):
            tests.setdefault(item.nodeid.partition('[')[0], []).append(item)
    both, at = kwargs.get('both', True), 0
    for _, cases in sorted(tests.items()):
        if not any(word in item.nodeid.partition('[')[2] for item in cases for word in MEANS):
            leave_out(config, items, cases[1:])
        elif both or len(cases) == 1:
            leave_out(config, items, cases[1:-1])
        else:
            leave_out(config, items, cases[:-1] if at % 2 else cases[1:])
            at += 1


def leave_every_other_out(config, items, *folders):
    """Of the tests below these folders keeps the first, the third, and so on; the cases of one go together."""
    names = sorted(set(item.nodeid.partition('[')[0] for item in items if is_below(item, *folders)))
    leave_out(config, items, [item for item in items if item.nodeid.partition('[')[0] in names[1::2]])


def leave_out(config, items, left):
    left = set(left)
    config.hook.pytest_deselected(items=[item for item in items if item in left])
    items[:] = [item for item in items if item not in left]


def is_below(item, *folders):
    return os.path.relpath(str(item.fspath), TOP).startswith(tuple(folder + os.sep for folder in folders))


def wires_with(*texts):
    """Names of the wires, begun ones too, whose record has one of these texts in it."""
    folder, found = os.path.join(STATE, 'wires'), []
    for entry in listing(folder) if texts else ():
        try:
            with open(os.path.join(folder, entry), 'rb') as source:
                data = source.read()
        except (OSError, IOError):
            continue  # gone meanwhile, or what a test has put there
        if entry.endswith('.json') and any(text.encode('ascii') in data for text in texts):
            found.append(re.sub(r'(\.pending)?\.json$', '', entry))
    return found


@pytest.fixture(scope='session')
def kernel_el6_library():
    """The compiled stand-in for CentOS 6.5's kernel, a path; or kernels.Unavailable."""
    if 'KERNEL_EL6_RECORD' in os.environ:  # the tests themselves run on it: tests/standins/kernel-el6/run
        yield os.environ['LD_PRELOAD']
        return
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o755)  # for as_nobody
    try:
        yield kernels.build(folder)
    except kernels.Unavailable as reason:
        yield reason
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def kernel_el6(kernel_el6_library, tmpdir):
    """A support.kernel_el6.KernelEl6; the test fails for what that kernel would not take."""
    if isinstance(kernel_el6_library, kernels.Unavailable):
        lacking('cc', str(kernel_el6_library))
    kernel = kernels.KernelEl6(kernel_el6_library, os.environ.get('KERNEL_EL6_RECORD', str(tmpdir.join('el6-record'))))
    kernel.lines()
    yield kernel
    kernel.judge()


@pytest.fixture(autouse=ON_EL6)
def judged_by_kernel_el6(request):
    if ON_EL6:
        request.getfixturevalue('kernel_el6')


@pytest.fixture
def run_netnsctl(request):
    """The program under test, as support.program.Program; wires that a failed test leaves are taken away."""
    program = Program(kernel=request.getfixturevalue('kernel_el6') if ON_EL6 else None)
    yield program
    for name in wires_with(PREFIX):
        program('unwire', name)
        for path in [os.path.join(STATE, 'wires', name + end) for end in ('.json', '.pending.json')]:
            if os.path.exists(path):
                os.unlink(path)


@pytest.fixture
def as_nobody(run_netnsctl):
    """run_netnsctl as the user nobody; skips where nobody cannot read the interpreter or the source."""
    if not run_netnsctl.nobody_can_run():
        pytest.skip('nobody cannot read this Python, or the source')

    def call(*args, **options):
        return run_netnsctl(*args, as_user=True, **options)
    return call


@pytest.fixture
def netns():
    """netns(hint='n') -> the name of a new, empty namespace; all are removed after the test, with wires that end there.
    """
    names = []

    def add(hint='n'):
        name = '%s-%s%d' % (PREFIX, hint, next(_numbers))
        must(['ip', 'netns', 'add', name])
        names.append(name)
        return name
    yield add
    # Their records would outlive the namespaces.
    for wire in wires_with(*['"netns://%s"' % name for name in names]):
        run([sys.executable, '-m', 'netnsctl', 'unwire', '--if-exists', wire])
    for name in names:
        # The test may have removed it itself.
        if os.path.lexists('/run/netns/' + name):
            run(['ip', 'netns', 'delete', name])


@pytest.fixture
def pair(netns):
    """The names of two new namespaces."""
    return netns('a'), netns('b')


@pytest.fixture(scope='session')
def own_ovs():
    """support.own_ovs.OwnOvs, started once, or the reason why there is none."""
    for made in engine_or_reason(OwnOvs):
        yield made


@pytest.fixture
def ovs(own_ovs):
    """The same with a new bridge, whose name is ovs.bridge; it goes with the test."""
    if isinstance(own_ovs, str):
        lacking('ovs', own_ovs)
    own_ovs.bridge = 'nwo%d' % os.getpid()
    own_ovs.add_bridge(own_ovs.bridge)
    yield own_ovs
    if own_ovs.daemon is None:
        own_ovs.start_daemon()
    own_ovs.delete_bridge(own_ovs.bridge)


@pytest.fixture
def host(run_netnsctl):
    """A throwaway host of the test's own (support.aside.own_host): host(*words), host.sh(script)."""
    made = own_host(run_netnsctl)
    yield made
    made.close()


@pytest.fixture
def engine(tmpdir):
    """engine(reply) -> a support.engine.Engine, a docker daemon that says what the test wants; all end with the
    test."""
    made = []

    def start(reply):
        made.append(Engine(str(tmpdir.join('engine%d' % len(made))), reply))
        return made[-1]

    yield start
    for one in made:
        one.close()


def engine_or_reason(make):
    """Yields what make() gives, and closes it afterwards; or the reason why there is none."""
    try:
        engine = make()
    except containers.Unavailable as reason:
        yield str(reason)
        return
    yield engine
    engine.close()


@pytest.fixture(scope='session')
def docker_engine():
    """A Docker Engine that answers, or the reason why there is none; one started here ends with the session."""
    for engine in engine_or_reason(lambda: containers.Docker(PREFIX)):
        yield engine


@pytest.fixture
def docker(docker_engine):
    """support.containers.Containers of Docker; those that the test makes are removed after it."""
    if isinstance(docker_engine, str):
        lacking('docker', docker_engine)
    made = docker_engine.containers('%s-d%d' % (PREFIX, next(_numbers)))
    yield made
    made.close()


@pytest.fixture(scope='module')
def own_engine():
    """A support.own_dockerd.OwnDockerd of the module's own, or the reason why there is none."""
    for engine in engine_or_reason(OwnDockerd):
        yield engine


@pytest.fixture(scope='session')
def podman_engine():
    """podman as it runs here, or the reason why it does not."""
    for engine in engine_or_reason(lambda: containers.Podman(PREFIX)):
        yield engine


@pytest.fixture
def podman(podman_engine):
    """support.containers.Containers of podman; those that the test makes are removed after it."""
    if isinstance(podman_engine, str):
        lacking('podman', podman_engine)
    made = podman_engine.containers('%s-p%d' % (PREFIX, next(_numbers)))
    yield made
    made.close()


@pytest.fixture
def old_ip():
    """The folder of an `ip` that behaves as CentOS 6.5's: no netns, no -n, PIDs only (tests/standins/old-ip.sh)."""
    return os.path.join(STANDINS, 'ip-el6')


@pytest.fixture
def rdo_ip():
    """The folder of an `ip` that behaves as RDO's for EL6: netns, but no -n."""
    return os.path.join(STANDINS, 'ip-rdo')


@pytest.fixture
def snapshot():
    """snapshot(*pids) -> the state of the host and all namespaces (support/snapshot.py)."""
    return take_snapshot


@pytest.fixture
def nothing_left():
    """nothing_left(before): fails unless the state is again as snapshot() gave it."""
    return assert_nothing_left
