"""Whatever text comes from outside, nothing comes out of the parsers but their results and the errors they declare.

NETNSCTL_TEST_EVERY=1 tries many more examples.
"""

from __future__ import absolute_import, division, print_function

import json
import os
import shutil
import tempfile

import pytest

from netnsctl.compat import native, to_bytes
from netnsctl.edge.runtimes import engines, finding
from netnsctl.edge.packages import repo_files
from netnsctl.edge.files import settings
from netnsctl.edge.host import Host, Result
from netnsctl.errors import NetnsctlError, UsageError
from netnsctl.execution.journal import Journal
from netnsctl.execution.state import State
from netnsctl.ipnetns import options
from netnsctl.ipnetns.output import Refused
from netnsctl.model import endpoint, wires_file
from netnsctl.model.ifcfg.fields import FIELDS
from netnsctl.usecases.tree import reading
from support.engine import Engine, http

hypothesis = pytest.importorskip('hypothesis')
some = pytest.importorskip('hypothesis.strategies')

PART = 3 if os.environ.get('NETNSCTL_TEST_EVERY') else 0.3
ID = 'a' * 64
anything = some.one_of(some.text(max_size=60), some.binary(max_size=60).map(native))


def examples(count):
    """Settings for a test of about so many examples: a part of them, or in the long run three times as many."""
    return hypothesis.settings(max_examples=int(count * PART), deadline=None, database=None,
                               suppress_health_check=list(hypothesis.HealthCheck))


def mixed(*pieces):
    """Text of pieces that mean something to a parser, in any order, with other characters in between."""
    return some.lists(some.one_of(some.sampled_from(pieces), some.text(max_size=3)), max_size=12).map(''.join)


near_endpoint = mixed('a', 'host', 'netns://', 'docker://', 'bridge://', 'pid://', '/proc/1/ns/net', ':', 'eth0', '=',
                      ',', '10.1.1.1', '/32', '/24', 'fd00::1', '/64', 'gw=', 'mac=', 'mtu=', 'route=', 'rule=', '@',
                      '1400', '02:00:00:00:00:01', '-', '..', '\0', '\n', '255.255.255.255', '/-1', '/129', '::',
                      '%eth0')


@examples(400)
@hypothesis.given(some.one_of(near_endpoint, anything))
def test_endpoints(text):
    try:
        endpoint.parse(text)
    except UsageError as error:
        assert error.message


@examples(400)
@hypothesis.given(some.one_of(
    some.lists(near_endpoint, max_size=4).map(' '.join), anything,
    mixed('a:A=10.1.1.1', ' ', 'b', '\n', '#', '"', "'", '\\', '\r', '--name', '--mtu', ' 1400', '\xef\xbb\xbf')))
def test_files_of_wires(text):
    try:
        lines, errors = wires_file.parse(text, 'f')
    except UsageError as error:
        assert error.message.startswith('f:')
    else:
        assert len(lines) + len(errors) <= text.count('\n') + 1
        assert [error for error in errors if not error.message.startswith('f:%d: ' % error.number)] == []


@examples(200)
@hypothesis.given(some.one_of(anything, mixed('backend', '=', 'netlink', ' ', '\n', '#', 'auto')))
def test_the_settings(text):
    try:
        settings.parse(text)
    except UsageError as error:
        assert error.message.startswith(settings.PLACE + ':')


@examples(200)
@hypothesis.given(some.one_of(anything, mixed('[rdo]', '[main]', '\n', 'baseurl',  '=', 'http://x/', ' ', 'gpgcheck',
                                              '1', '%(a)s', '$releasever', ';', '#', '[', ']')))
def test_files_of_repositories(text):
    try:
        repo_files.parse(text, 'f')
    except ValueError as error:
        assert str(error)


@examples(200)
@hypothesis.given(some.lists(some.one_of(some.binary(max_size=8), some.sampled_from(
    [b'-n', b'-netns', b'-json', b'-batch', b'-force', b'-all', b'-rcvbuf', b'-f', b'inet', b'-Version', b'--', b'-'])),
    max_size=5))
def test_options_of_netns(argv):
    try:
        options.parse(argv)
    except Refused as error:
        assert error.status in (0, 255)


# The config tree, as files

KEYS = [field.key for field in FIELDS] + ['IPADDR0', 'PREFIX0', 'NETMASK', 'DNS1', 'PATH', 'LD_PRELOAD', 'UUID',
                                          'ipaddr']
VALUES = ['10.1.1.1', '24', '32', 'fd00::1/64', 'yes', 'no', 'dhcp', 'Bridge', 'br0', 'b', 'docker://x', 'host', '1400',
          '', '"', "'", '"10.2.0.1"', '$(id)', '`id`', ';', '02:00:00:00:00:01', '255.255.255.0', 'global', '\\', '#']
line = some.one_of(
    some.builds('{0}={1}'.format, some.sampled_from(KEYS), some.one_of(some.sampled_from(VALUES), anything)), anything,
    some.sampled_from(['', '# text', '10.9.0.0/16 via 10.1.1.1', 'default dev eth0', 'ADDRESS0=10.9.0.0', 'NETMASK0=x',
                       'GATEWAY0=10.1.1.1', 'from 10.0.0.0/8 table 7', 'to all lookup main priority 5', '\r']))
text_file = some.lists(line, max_size=8).map('\n'.join)
name = some.tuples(some.sampled_from(['a', 'b', 'host', 'docker:x', 'netns:a', 'x y', 'bad:y']),
                   some.sampled_from(['ifcfg-eth0', 'ifcfg-br0', 'ifcfg-', 'ifcfg-lo', 'route-eth0', 'route6-eth0',
                                      'rule-eth0', 'rule6-eth0', 'notes', 'ifcfg-eth0.bak']))


@examples(150)
@hypothesis.given(some.dictionaries(name, text_file, max_size=4), some.one_of(some.none(), anything))
def test_the_config_tree(files, note):
    root = tempfile.mkdtemp()
    try:
        top = root + '/etc/sysconfig/netns'
        os.makedirs(top, 0o755)
        for (space, base), text in files.items():
            if not os.path.isdir('%s/%s' % (top, space)):
                os.mkdir('%s/%s' % (top, space), 0o755)
            write('%s/%s/%s' % (top, space, base), text)
        if note is not None:
            write(top + '/.saving', note)
        tree = reading.read(Host(root))
        for problem in tree.problems:
            assert problem.message
    except NetnsctlError as error:
        assert error.message
    finally:
        shutil.rmtree(root)


def write(path, text):
    with open(path, 'wb') as sink:
        sink.write(to_bytes(text))
    os.chmod(path, 0o644)


# What engines and programs of runtimes answer

value = some.recursive(some.one_of(some.none(), some.booleans(), some.integers(), some.floats(), some.text(max_size=8)),
                       lambda inner: some.one_of(some.lists(inner, max_size=3),
                                                 some.dictionaries(some.text(max_size=5), inner, max_size=3)),
                       max_leaves=8)
container = some.fixed_dictionaries({
    'Id': some.one_of(some.just(ID), value), 'Name': some.one_of(some.just('/x'), value),
    'State': some.one_of(value, some.fixed_dictionaries({'Pid': some.one_of(value, some.integers(-5, 10 ** 12))}))})
body = some.one_of(container.map(json.dumps), value.map(json.dumps), some.lists(container, max_size=2).map(json.dumps),
                   some.text(max_size=30), some.sampled_from(['[' * 5000, '{"Id":', '[]', 'null', '1e999',
                                                         '"\\ud800"']))
status = some.sampled_from(['200 OK', '404 Not Found', '500 Oops', '301 Moved', '99', 'x', '200', ''])
answer = some.one_of(
    some.builds(http, status, body), some.binary(max_size=80),
    some.builds(lambda text, size: b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n' + size + b'\r\n'
                + text.encode('utf-8', 'replace') + b'\r\n0\r\n\r\n', body,
                some.sampled_from([b'5', b'0', b'-1', b'ffffffffffffffffff', b'x', b'', b'2;a=b'])))


def test_the_answers_of_docker():
    folder = tempfile.mkdtemp(prefix='nw', dir='/tmp')
    said = [b'']
    server = Engine(folder + '/d.sock', lambda request: said[0])
    host = Host(environ=server.environ, path=folder)  # no docker command in it

    @examples(150)
    @hypothesis.given(answer)
    def ask(data):
        said[0] = data
        for call in (lambda: engines.docker_lookup(host, 'x'), lambda: engines.docker_names(host),
                     lambda: engines.docker_version(host)):
            try:
                call()
            except NetnsctlError as error:
                assert '\n' not in error.message

    try:
        ask()
    finally:
        server.close()
        shutil.rmtree(folder)


class Answering(Host):
    """A host whose programs all print the same."""

    def __init__(self, result):
        Host.__init__(self, environ={})
        self.result = result

    def find(self, program):
        return '/bin/' + program

    def run(self, argv, *_, **__):
        return self.result


@examples(150)
@hypothesis.given(some.sampled_from(['podman', 'lxc', 'libvirt-lxc', 'nspawn', 'docker']),
                  some.sampled_from([0, 1, 125, -9]),
                  some.one_of(body, anything, mixed('pid:', ' ', '1', '-1', '4194304', '\n', 'Leader=', 'PID:', '-')),
                  some.one_of(anything, mixed('no such container', 'ambiguous', '\n', "doesn't exist", '\x1b')))
def test_the_answers_of_programs(scheme, status_of_it, out, err):
    host = Answering(Result(status_of_it, out, err))
    try:
        if scheme == 'docker':
            engines._docker_inspect(host, 'x', 'no socket')
        else:
            finding.by_scheme(scheme).lookup(host, 'x')
    except NetnsctlError as error:
        assert error.message


# netnsctl's own records, damaged

@examples(150)
@hypothesis.given(some.one_of(value.map(json.dumps), anything,
                              some.fixed_dictionaries({'version': some.just(1), 'name': some.just('w'), 'id': value,
                                                       'ends': value, 'netns': value}).map(json.dumps)))
def test_damaged_records(text):
    root = tempfile.mkdtemp()
    try:
        os.makedirs(root + '/run/netnsctl/wires', 0o700)
        write(root + '/run/netnsctl/wires/w.json', text)
        try:
            Journal(State(Host(root))).load('w')
        except NetnsctlError as error:
            assert 'w.json' in error.message
    finally:
        shutil.rmtree(root)
