"""Which modules a wire loads. A start pays for each of them: what a plain wire does not need is imported where it is
needed, and a module that is added here has to be worth what it costs everybody.
"""
from __future__ import absolute_import, division, print_function

import os
import sys

from support import process

EVERY_WIRE = """
cli cli.commands cli.outcomes cli.output cli.syntax cli.wire compat edge edge.bridges edge.files edge.files.json_text
edge.files.own_files
edge.host edge.link_nodes edge.netlink edge.netlink.lookups edge.netlink.reading edge.netlink.rtnl
edge.netlink.writing edge.netns edge.netns_dir edge.runtimes edge.runtimes.docker_address edge.runtimes.presence
edge.syscalls errors execution execution.backends execution.backends.otherwise execution.backends.refusals
execution.identity execution.journal execution.signals execution.state execution.undoing model model.addressing
model.endpoint model.links model.links.veth model.names model.link_sysctls
model.operation model.operations model.plan model.pool
model.route model.wires_file start usecases usecases.ends usecases.ends.resolving usecases.recorded
usecases.recorded.existing usecases.recorded.records usecases.wires usecases.wires.deciding usecases.wires.making
usecases.wires.session usecases.wires.transaction usecases.wires.wiring
""".split()
# What more a backend takes, a wire to a bridge, and a bare name on a host that has containers.
BACKENDS = {'netlink': ['execution.backends.netlink'],
            'iproute': ['edge.child', 'edge.ip_program', 'edge.shim_file', 'execution.backends.iproute']}
A_BRIDGE = ['edge.packets', 'edge.packets.claims', 'model.links.bridge', 'usecases.recorded.claiming',
            'usecases.recorded.inventory', 'usecases.wires.bridging']
CONTAINERS = ['edge.runtimes.' + name for name in (
    'container', 'docker_socket', 'engines', 'finding', 'processes', 'silence')]
# The C modules _socket, _json, _ctypes and _operator have all that a wire takes of these.
LIBRARIES = ['pyroute2', 'click', 'jinja2', 'hashlib', 'socket']
if sys.version_info[0] >= 3:
    LIBRARIES += ['json', 're', 'enum', 'functools', 'collections', 'ctypes', 'signal']
if sys.version_info >= (3, 8):
    LIBRARIES += ['subprocess', 'threading', 'contextlib']
# Where there is an engine, it is asked whether a name is a container's, and these read its answer.
AN_ENGINE = ['json', 're', 'enum', 'functools', 'collections']

TELL = """
import os
def tell(status, leave=os._exit):
    with open(%r, 'w') as out:
        out.write(' '.join(sorted(sys.modules)))
    leave(status)
os._exit = tell
"""


def loaded_by(run_netnsctl, tmpdir, *words):
    """(modules of netnsctl, all others but those of a bare start) that a command has loaded when it ends: lists of
    names."""
    argv = run_netnsctl.argv(*words)
    place = str(tmpdir.join('modules'))
    at = argv.index('-c') + 1
    argv[at] = argv[at].replace('from netnsctl.start', TELL % place + 'from netnsctl.start')
    result = process.run(argv, environ=run_netnsctl.environ())
    assert result.status == 0, result
    with open(place) as source:
        names = source.read().split()
    own = [name[len('netnsctl.'):] for name in names if name.startswith('netnsctl.')]
    # What is in site-packages may have Python itself load some.
    bare = process.run(argv[:at] + ['import sys; print(" ".join(sys.modules))'], environ=run_netnsctl.environ())
    # Python 2 has an entry for each name that a module of a package looked for beside itself first.
    return [name for name in own if is_module(name)], sorted(set(names) - set(bare.out.split()))


def is_module(name):
    import netnsctl
    path = os.path.join(os.path.dirname(netnsctl.__file__), *name.split('.'))
    return os.path.exists(path + '.py') or os.path.exists(os.path.join(path, '__init__.py'))


def test_a_plain_wire_loads_just_these_modules(run_netnsctl, netns, tmpdir):
    a, b = netns(), netns()
    for backend in ('netlink', 'iproute'):
        own, names = loaded_by(run_netnsctl, tmpdir, 'wire', '--no-check', '--backend', backend,
                               a + ':x=10.1.1.1/24', b + ':x=10.1.1.2/24,gw=10.1.1.1')
        assert sorted(set(own) - set(EVERY_WIRE + CONTAINERS)) == BACKENDS[backend]
        assert sorted(set(EVERY_WIRE) - set(own)) == []
        assert sorted(set(LIBRARIES) & set(names)) == [] or set(CONTAINERS) & set(own) \
            and set(LIBRARIES) & set(names) <= set(AN_ENGINE)
        assert run_netnsctl('unwire', a, b).status == 0


def test_a_wire_to_a_bridge_loads_six_more(run_netnsctl, netns, tmpdir):
    a, bridge = netns(), 'nwm%d' % os.getpid()
    for backend in ('netlink', 'iproute'):
        own, names = loaded_by(run_netnsctl, tmpdir, 'wire', '--no-check', '--backend', backend,
                               a + ':x=10.1.1.1/24', 'bridge://' + bridge)
        assert sorted(set(own) - set(EVERY_WIRE + CONTAINERS)) == sorted(A_BRIDGE + BACKENDS[backend])
        assert sorted(set(LIBRARIES) & set(names)) == [] or set(CONTAINERS) & set(own) \
            and set(LIBRARIES) & set(names) <= set(AN_ENGINE)
        assert run_netnsctl('unwire', a, 'bridge://' + bridge).status == 0


def test_the_doctor_loads_no_other_command_and_nothing_that_fixes(run_netnsctl, tmpdir):
    own, names = loaded_by(run_netnsctl, tmpdir, 'doctor', 'privileges', 'veth')
    commands = set(name for name in own if name.startswith('cli.'))
    assert commands <= set(['cli.commands', 'cli.doctor', 'cli.outcomes', 'cli.output', 'cli.syntax'])
    rooms = set(name.split('.')[1] for name in own if name.startswith('usecases.'))
    assert rooms == set(['doctor', 'ends', 'fixing', 'lending', 'recorded', 'repository', 'shim', 'uplinks', 'wires'])
    assert [name for name in own if name.startswith('usecases.fixing')] == ['usecases.fixing', 'usecases.fixing.step']
    # `libraries` alone imports these, and `backend` pyroute2.
    assert not set(['pyroute2', 'jinja2']) & set(names)
