"""What `up` and its like did."""
from __future__ import absolute_import, division, print_function


class Summary(object):
    """The results for the tree's wires. made, changed, same, gone: names of wires. live: those of changed that
    stayed up meanwhile; the others were recreated. restored: wires that got back what they need of the host's firewall,
    which the notices say. removed: names of namespaces. unasked: how many wires there are,
    if all were left alone because of ONBOOT=no. failed: [(what, NetnsctlError)]. interrupted: the Interrupted that
    ended it, or None: complete wires stay."""

    def __init__(self):
        self.made, self.changed, self.same, self.gone, self.removed, self.failed = [], [], [], [], [], []
        self.live, self.restored, self.interrupted, self.unasked = [], [], None, 0

    def end(self, session, interrupted):
        """Notes the signal that ended the run, and lists a wire that was committed just as it arrived."""
        self.interrupted = interrupted
        record, session.untold = session.untold, None
        if record is not None and record.name not in self.made + self.changed and session.stands(record):
            (self.changed if record.replaces else self.made).append(record.name)

    @property
    def error(self):
        """The worst of the failures, or None: a signal and exit code 6 before all others, 3 (a container that does not
        run) after all others, else the first one."""
        if self.interrupted is not None:
            return self.interrupted
        errors = sorted((error for _, error in self.failed),
                        key=lambda error: (error.exit_code != 6, error.exit_code == 3))
        return errors[0] if errors else None

    @property
    def exit_code(self):
        """0, or what the worst of the failures ends with."""
        return 0 if self.error is None else self.error.exit_code
