"""The CNI plugin under test, started as a runtime starts it, and the CNI plugins of the distribution."""
from __future__ import absolute_import, division, print_function

import json
import os
import sys

from netnsctl.compat import native_tree
from support import process
from support.program import SOURCE

PROGRAM = os.path.join(SOURCE, 'netnsctl', 'libexec', 'cni')
FOLDERS = ('/usr/lib/cni', '/usr/libexec/cni', '/opt/cni/bin')
# As the program in libexec starts it, but under the tests' own Python.
BOOTSTRAP = 'import sys; sys.path[:1] = %r; from netnsctl.plugins.%s import main; main()'


def find_plugin(name):
    """The folder of a CNI plugin of the distribution, or None."""
    return next((folder for folder in FOLDERS if os.path.exists(os.path.join(folder, name))), None)


def argv(plugin='cni'):
    """The plugin (cni, oci: a module of netnsctl.plugins) under the tests' own Python."""
    folders = [SOURCE] + [folder for folder in os.environ.get('PYTHONPATH', '').split(':') if folder]
    return [sys.executable, '-E', '-s', '-c', BOOTSTRAP % (folders, plugin)]


def environ_of(command, **variables):
    """The environment of a call: {name: value}. variables: container, netns (of a named namespace, or a path), ifname,
    args, path; those that are None are not there."""
    netns = variables.pop('netns', None)
    found = dict(('CNI_' + {'container': 'CONTAINERID'}.get(key, key.upper()), value)
                 for key, value in variables.items() if value is not None)
    if netns is not None:
        found['CNI_NETNS'] = netns if '/' in netns else '/var/run/netns/' + netns
    if command is not None:
        found['CNI_COMMAND'] = command
    return dict(dict((name, value) for name, value in os.environ.items() if not name.startswith(('CNI_', 'PYTHON'))),
                **found)


class Answer(object):
    """status, document (what standard output has, or None), err, out."""

    def __init__(self, result):
        self.status, self.out, self.err = result.status, result.out, result.err
        self.document = native_tree(json.loads(result.out)) if result.out else None

    @property
    def code(self):
        return self.document['code']

    def __repr__(self):
        return 'Answer(%d, %s, %s)' % (self.status, self.out, self.err)


class Network(object):
    """A network that containers are attached to: call it with a command. config: the configuration, a dict."""

    def __init__(self, config, path=None, program=None):
        self.config, self.path, self.program = config, path, program or argv()

    def __call__(self, command, netns=None, container='c1', ifname='eth0', previous=None, args=None, **keys):
        """Answer. keys: more of the configuration."""
        config = dict(self.config, **keys)
        if previous is not None:
            config['prevResult'] = previous
        attached = command in ('ADD', 'DEL', 'CHECK')
        environ = environ_of(command, netns=netns, args=args, path=self.path or '/nonexistent',
                             container=container if attached else None, ifname=ifname if attached else None)
        return Answer(process.run(self.program, json.dumps(config).encode('utf-8'), environ=environ))

    def add(self, *words, **keys):
        """The result of an ADD that works."""
        answer = self('ADD', *words, **keys)
        assert answer.status == 0, answer
        return answer.document


def network(**keys):
    """A Network of this plugin, without an IPAM plugin unless it is given one."""
    path, program = keys.pop('path', None), keys.pop('program', None)
    config = dict({'cniVersion': '1.0.0', 'name': 'lan', 'type': 'netnsctl'}, **keys)
    return Network(config, path, program)


def of_conflist(filename, **options):
    """The Networks of a file of /etc/cni/net.d, one for each of its plugins, as a runtime derives them."""
    with open(filename) as source:
        listed = native_tree(json.load(source))
    return [Network(dict(dict((key, value) for key, value in plugin.items() if key != 'capabilities'),
                         cniVersion=listed['cniVersion'], name=listed['name']), **options)
            for plugin in listed['plugins']]
