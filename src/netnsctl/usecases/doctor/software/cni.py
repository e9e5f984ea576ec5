"""Do the runtimes find the plugin that networks of CNI name?"""
from __future__ import absolute_import, division, print_function

import json
import os

from netnsctl.compat import native_tree, shell_quote
from netnsctl.usecases.doctor import check
from netnsctl.usecases.doctor.finding import Remediation, ok, warn

NETWORKS = '/etc/cni/net.d'
# Where runtimes look: most of them in the first, and Debian's and Fedora's packages in those of their plugins.
FOLDERS = ('/opt/cni/bin', '/usr/lib/cni', '/usr/libexec/cni')
PACKAGED = '/usr/libexec/netnsctl/cni/netnsctl'
PROGRAM = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))),
                       'libexec', 'cni')
_FILES = 64


@check('cni', 'runtimes', seconds=10.0)
def check_cni(host):
    """The CNI plugin is where runtimes look for it, if a network is netnsctl's, and all networks can be read."""
    named, evidence, delegates, unread = _networks(host)
    if not named:
        return _sound('no network in %s is netnsctl\'s' % NETWORKS, evidence, unread)
    evidence += [(path, 'the network %s' % name) for name, path in named]
    places = [folder for folder in FOLDERS if _runs(host, folder, 'netnsctl')]
    evidence += [('netnsctl in', ', '.join(places) or 'none of ' + ', '.join(FOLDERS))]
    if not places:
        # Beside the others: a runtime that has one folder finds IPAM plugins there too.
        folder = ([one for one in FOLDERS if any(_runs(host, one, name) for name in delegates)] + [FOLDERS[0]])[0]
        target = PACKAGED if host.exists(PACKAGED) else PROGRAM
        return warn('%s names the plugin netnsctl, which is in no folder that runtimes look in' % named[0][1], evidence,
                    Remediation('A runtime with folders of its own (bin_dir of containerd, cni_plugin_dirs of podman) '
                                'may find it there all the same.',
                                ['mkdir -p %s' % folder, 'ln -sfn %s %s/netnsctl' % (shell_quote(target), folder)]))
    missing = [name for name in sorted(delegates) if not any(_runs(host, folder, name) for folder in FOLDERS)]
    if missing:
        return warn('the IPAM plugin %s is not installed' % missing[0], evidence, Remediation(
            'The distributions\' package containernetworking-plugins has the usual ones.'))
    return _sound('found in %s' % places[0], evidence, unread)


def _sound(text, evidence, unread):
    """ok, unless there is a file that runtimes cannot read either."""
    return warn('%s cannot be read as a network of CNI (%s)' % unread[0], evidence) if unread else ok(text, evidence)


def _networks(host):
    """([(name of a network, path)] of those that have netnsctl as a plugin, evidence, names of their IPAM plugins,
    [(path, cause)] of files that are no network)."""
    found, evidence, delegates, unread = [], [], set(), []
    names = [name for name in host.listdir(NETWORKS) if name.endswith(('.conf', '.conflist', '.json'))]
    for name in names[:_FILES]:
        path = '%s/%s' % (NETWORKS, name)
        try:
            document = native_tree(json.loads(host.read(path) or ''))
            plugins = document.get('plugins', [document])
            ours = [plugin for plugin in plugins if plugin.get('type') == 'netnsctl']
        except (ValueError, AttributeError, TypeError, RuntimeError) as error:
            evidence.append((path, 'cannot be read as a network of CNI'))
            unread.append((path, 'it is not JSON' if isinstance(error, (ValueError, RuntimeError)) else
                           'its plugins are not objects'))
            continue
        if ours:
            found.append((str(document.get('name')), path))
        for plugin in ours:
            delegate = plugin.get('ipam')
            kind = delegate.get('type') if isinstance(delegate, dict) else None
            delegates.update([kind] if isinstance(kind, str) and '/' not in kind else [])
    return found, evidence, delegates, unread


def _runs(host, folder, name):
    """Is there a program of that name in a folder of the host?"""
    path = host.path('%s/%s' % (folder, name))
    return os.path.isfile(path) and os.access(path, os.X_OK)
