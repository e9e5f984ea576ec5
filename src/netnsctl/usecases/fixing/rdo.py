"""`doctor --fix rdo`: the host gets RDO's iproute, whose `ip` supports netns."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.packages import rpm, yum
from netnsctl.errors import NetnsctlError
from netnsctl.usecases.fixing.step import Step
from netnsctl.usecases.repository import PACKAGE, enabling, keys, nothing_to_do, presets, repo_file, upgrading
from netnsctl.usecases.repository.workplace import Workplace


def plan(host):
    """The steps that are still to be done: list of Step.

    NetnsctlError if it cannot succeed: no rpm, no yum, no key that is the right one.
    """
    told = upgrading.needs_settling(host)
    if told:
        return [Step(told, lambda: _say(lambda tell: upgrading.settle(host, tell)), ['netnsctl repo enable --upgrade'])]
    if nothing_to_do(host):
        return []
    preset = presets.DEFAULT
    manager = yum.found(host)
    installed = rpm.installed(host, PACKAGE)
    if not installed:
        raise NetnsctlError('doctor --fix rdo: the package %s is not installed, so it cannot be upgraded' % PACKAGE,
                            hint='Nothing was changed.')
    now = repo_file.read(host, preset)
    steps = []
    _require_key(host, preset, now)
    if now.repo is None:
        steps.append(Step('set up the repository %s in %s, disabled, for %s alone, with signatures checked' % (
            preset.repo_id, preset.place, PACKAGE),
            lambda: '; '.join(enabling.enable(host, enabling.Wanted(preset))), ['netnsctl repo enable'],
            undo='netnsctl repo disable'))
    steps.append(Step('upgrade %s from %s with %s, and check that its ip supports netns' % (
        ' and '.join(str(item) for item in installed), preset.repo_id, manager.name),
        lambda: _say(lambda tell: upgrading.upgrade(host, upgrading.Source(preset), tell)),
        ['netnsctl repo enable --upgrade'], undo='%s downgrade %s' % (manager.name, PACKAGE)))
    return steps


def _say(work):
    """What work(tell) prints, in one line."""
    lines = []
    work(lines.append)
    return '; '.join(lines)


def _require_key(host, preset, now):
    """Does not begin what would fail at the signature."""
    with Workplace(host) as workplace:
        try:
            keys.read(host, now.key_path or preset.key_path, now.fingerprint or preset.fingerprint,
                      workplace.folder('key'))
        except NetnsctlError as error:
            raise NetnsctlError('doctor --fix rdo: %s' % error.message, hint='%s\n%s' % (
                'Nothing was changed. Set it up first: netnsctl repo enable --gpgkey FILE',
                keys.how_to_have(now.fingerprint or preset.fingerprint)))
