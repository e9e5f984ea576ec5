"""netnsctl repo enable|disable|status"""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.cli import output
from netnsctl.cli.syntax import Command, Group, Option, Syntax, Words
from netnsctl.compat import native
from netnsctl.edge.host import Host
from netnsctl.errors import UsageError
from netnsctl.usecases import repository
from netnsctl.usecases.repository import enabling, keys, presets, repo_file, status as looking, upgrading


def _enable(preset, baseurl, gpgkey, fingerprint, upgrade, rpm_file, sha256, insecure, force):
    """Set up the repository, and upgrade iproute from it if asked.

    netnsctl ships no key: it uses the one that is given, or the one that is already below /etc/pki/rpm-gpg, after
    checking its fingerprint.
    """
    host = Host()
    chosen = presets.find(native(preset))
    gpgkey, rpm_file = _absolute(gpgkey), _absolute(rpm_file)
    fingerprint = None if fingerprint is None else keys.check_fingerprint(native(fingerprint))
    sha256 = None if sha256 is None else native(sha256)
    source = upgrading.Source(chosen, rpm_file, gpgkey, fingerprint, sha256, insecure)
    upgrading.check_source(source)
    if (sha256 or insecure) and not (upgrade or rpm_file):
        raise UsageError('repo enable: --sha256 and --insecure are for a package: they need --upgrade or --rpm')
    if rpm_file and baseurl:
        raise UsageError('repo enable: --rpm cannot be combined with --baseurl: it sets up no repository')
    if baseurl is not None:
        repo_file.check_url(native(baseurl))
    wanted = enabling.Wanted(chosen, baseurl and native(baseurl), gpgkey, fingerprint, force)
    if upgrade or rpm_file:
        upgrading.settle(host, output.say)
    done = repository.nothing_to_do(host)
    if done and (rpm_file or wanted.asks_nothing):
        output.say(done)
        return
    if not rpm_file:
        _tell(enabling.enable(host, wanted))
    if rpm_file or upgrade:
        upgrading.upgrade(host, source, output.say)


def _absolute(path):
    """The absolute form of a path as typed; None if the path is None. UsageError if the current directory is gone."""
    try:
        return None if path is None else os.path.abspath(native(path))
    except OSError as error:
        raise UsageError('repo enable: %s: the working directory: %s' % (native(path), error.strerror))


def _disable(preset, force):
    """Remove the repository. What was installed from it stays."""
    _tell(enabling.disable(Host(), presets.find(native(preset)), force))


def _status(preset, as_json):
    """Report what is configured, reachable, offered and installed. Changes nothing."""
    now = looking.look(Host(), presets.find(native(preset)))
    if as_json:
        output.emit_json(now.as_data())
        return
    for what, seen in _rows(now):
        output.say('%-11s %s' % (what, seen))
    if now.has_netns:
        output.say('nothing to do: %s supports netns' % now.ip.path)


def _tell(lines):
    for line in lines:
        output.say(line)


_STATES = {repo_file.OURS: '%s, as netnsctl wrote it', repo_file.CHANGED: '%s, changed by somebody',
           repo_file.ABSENT: 'no (%s does not exist)'}


def _rows(now):
    """[(label, text)]"""
    rows = [('configured', _STATES[now.file.state] % now.preset.place)]
    if now.file.repo is not None:
        values = now.file.repo.values
        rows += [('', '%s=%s' % (key, ' '.join(values.get(key, '').split())))
                 for key in ('baseurl', 'mirrorlist', 'metalink', 'enabled', 'gpgcheck')
                 if key in values or key not in ('mirrorlist', 'metalink')]
        rows.append(('key', now.key_trouble or '%s, %s' % (
            now.file.key_path, keys.shown(now.file.fingerprint or now.preset.fingerprint))))
        rows.append(('reachable', '%s: %s' % ('no' if now.is_asked else 'unknown', now.unreachable)
                     if now.unreachable else 'yes'))
    if now.file.repo is not None and not now.unreachable:
        rows.append(('offered', ', '.join(str(item) for item in now.offered) or 'no iproute'))
        rows += [('', '%s is kept back by %s' % item) for item in now.held_back]
    rows.append(('installed', now.trouble or ', '.join(str(item) for item in now.installed) or 'no iproute'))
    rows.append(('ip', 'none that works' if now.ip is None else '%s, which %s netns' % (
        now.ip.path, 'supports' if now.ip.netns else 'does not support')))
    return rows


_PRESET = Words('preset', '[PRESET]', offers=[('presets', 1)], default=presets.DEFAULT.name)
command = Group("""Manage RDO's yum repository, for hosts whose iproute has no `ip netns`.

It is set up disabled, for iproute alone and with signature checks, so that nothing but `repo enable --upgrade` and
`doctor --fix rdo` installs anything from it.
""", [
    Command('enable', 'Set up the repository, and upgrade iproute from it if asked.', Syntax(_enable, _PRESET, options=[
        Option(['--baseurl'], 'baseurl', 'Where the packages are, instead of at the preset\'s address.', 'URL'),
        Option(['--gpgkey'], 'gpgkey', 'The key that the packages are signed with; it is installed.', 'FILE',
               offers='files'),
        Option(['--fingerprint'], 'fingerprint', 'The fingerprint of the key, instead of the preset\'s.', 'HEX'),
        Option(['--upgrade'], 'upgrade', 'Also upgrade iproute from it.'),
        Option(['--rpm'], 'rpm_file', 'Upgrade iproute from this package file, without setting up a repository.',
               'FILE', offers='files'),
        Option(['--sha256'], 'sha256', 'The checksum that the package must have, in addition to its signature.', 'HEX'),
        Option(['--insecure'], 'insecure', 'Accept an unsigned package. Requires --sha256.'),
        Option(['--force'], 'force', 'Replace files that somebody has changed; copies are kept.')])),
    Command('disable', 'Remove the repository. What was installed from it stays.', Syntax(_disable, _PRESET, options=[
        Option(['--force'], 'force', 'Remove the file even if somebody has changed it; a copy is kept.')])),
    Command('status', 'Report what is configured, reachable, offered and installed.', Syntax(
        _status, _PRESET, needs_root=False, options=[Option(['--json'], 'as_json', 'Print it as JSON.')])),
])
