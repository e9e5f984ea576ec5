"""What the shaping of a wire has to do with a check of it."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import shell_quote
from netnsctl.edge.netlink import queues as there
from netnsctl.usecases.check.report import Cause
from netnsctl.usecases.recorded import queues


def tell(report, record, opened):
    """Adds to a Report what of the shaping differs from the record, and, where an echo was lost, that losing some was
    asked for. opened: {reference: Netns} of ends that are compared."""
    found = []
    for end in record.ends:
        if end.shaping and end.ns in opened:
            remarks = queues.remarks(record, end, there.of_links(opened[end.ns].rtnl(), end.index))
            found += [Cause('shaping', '%s: %s' % (end.place, text), 'netnsctl shape %s %s %s' % (
                shell_quote(record.name), shell_quote(end.target), ' '.join('%s=%s' % pair for pair in end.shaping)))
                      for text in remarks]
    lossy = [(end, dict(end.shaping)['loss']) for end in record.ends if 'loss' in dict(end.shaping)]
    if not report.ok:
        report.causes += tuple(Cause('loss', '%s: loses %s of its packets, as it was asked to' % (end.place, loss))
                               for end, loss in lossy)
    report.add_causes(found)
