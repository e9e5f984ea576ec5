"""What CNI asks of a plugin: ADD, DEL, CHECK, GC, STATUS. SPEC.md of CNI 1.1.0, "CNI operations"."""
from __future__ import absolute_import, division, print_function

import netnsctl
from netnsctl import library
from netnsctl.edge.host import Host
from netnsctl.edge.privileges import require_root
from netnsctl.errors import Interrupted, NetnsctlError
from netnsctl.model import endpoint
from netnsctl.model.links import kind_named
from netnsctl.model.plan import End
from netnsctl.plugins.cni import ends, ipam, results, standing
from netnsctl.plugins.cni.problems import CONFIG, DIFFERS, NOT_AVAILABLE, WIRE, CniError, as_cni
from netnsctl.plugins.cni.request import prefix_of, wire_of


class Call(object):
    """A call of the plugin: config (Configuration), request (Request), environ, data (what was on standard input),
    answer (function that gives the runtime a document; NetnsctlError where it cannot)."""
    __slots__ = ('config', 'request', 'environ', 'data', 'answer')

    def __init__(self, config, request, environ, data, answer):
        self.config, self.request, self.environ, self.data, self.answer = config, request, environ, data, answer

    @property
    def name(self):
        """Of the wire."""
        own = self.config.own_ifname
        return wire_of(self.config.name, self.request.container, self.request.ifname, own)

    @property
    def ifname(self):
        """Of the interface in the container."""
        return self.config.own_ifname or self.request.ifname

    def delegate(self, command=None):
        """What the IPAM plugin says: ipam.call()."""
        return ipam.call(self.config, self.request, self.environ, self.data, command)


def add(call):
    """Makes the wire, and answers with the result: one that the runtime does not get has failed."""
    require_root('ADD')
    previous = call.config.get('prevResult')
    if previous is not None:
        shown, _, _ = results.own_of(previous, call.request.netns, call.ifname)
        if shown is not None:
            raise CniError(CONFIG, 'an earlier plugin of this network has made %s' % call.ifname,
                           'A netnsctl that is not the first of the chain makes another interface: "ifname": "net1"')
    standing.open_container(call.request.netns).close()  # before an address is taken
    library.say_held()
    _clear_lost(call)
    try:
        leased = call.delegate()
        call.answer(results.after(previous, _wire(call, leased)))
    except (Exception, Interrupted):
        _give_back(call)
        raise


def _clear_lost(call):
    """A wire of this attachment is of a container that had its ID before and is gone, or stands: ADD came twice."""
    for wire in netnsctl.wires(matching=call.name):
        if wire.state != 'lost':
            raise CniError(WIRE + 4, '%s: %s is attached to the network %s already, by the wire %s' % (
                call.request.netns, call.ifname, call.config.name, wire.name), 'DEL comes before another ADD.')
        netnsctl.unwire(wire)


def _wire(call, leased):
    config, request = call.config, call.request
    wanted = ends.wanted(config, request, leased)
    wire = netnsctl.wire(ends.inner(request, config, wanted), ends.outer(config, wanted, leased), name=call.name,
                         check=config.get('check', False), force=config.get('force', False),
                         backend=config.get('backend', 'netlink'))
    try:
        links = standing.links_of(wire.ends, request.netns)
        gateways = dict((one['address'], one['gateway']) for one in (leased or {}).get('ips', ())
                        if one.get('gateway'))
        return results.of_wire(config, request, wire.ends, links, gateways, results.servers(config, leased))
    except (Exception, Interrupted):
        netnsctl.unwire(wire)
        raise


def _give_back(call):
    """Nothing stays of an ADD that failed: no wire, if the check of one did, and no address."""
    for undo in (lambda: netnsctl.unwire(call.name), lambda: call.delegate('DEL')):
        try:
            undo()
        except Exception:  # nosec B110 # the error that led here says more, and the runtime calls DEL
            pass


def delete(call):
    """Removes the wire, if there is one, and gives its addresses back once it is gone."""
    require_root('DEL')
    library.say_held()
    netnsctl.unwire(call.name)
    call.delegate()


def check(call):
    """CniError where the wire is not as it was made, or the interface is not as prevResult says."""
    require_root('CHECK')
    previous = call.config.get('prevResult')
    if previous is None:
        raise CniError(CONFIG, 'CHECK: there is no prevResult')
    found = netnsctl.wires(matching=call.name)
    if not found:
        raise CniError(DIFFERS, '%s: %s has no wire %s' % (call.request.netns, call.ifname, call.name))
    shown, addresses, routes = results.own_of(previous, call.request.netns, call.ifname)
    if shown is None:
        raise CniError(DIFFERS, 'prevResult has no interface %s in %s' % (call.ifname, call.request.netns))
    wire, = found
    remarks = [text for text in wire.remarks if wire.state != 'altered' or not _may_change(wire.ends[0], text)]
    if remarks:
        raise CniError(DIFFERS, remarks[0], '\n'.join(remarks[1:]))
    made = [dst for dst, _ in results.routes_of(wire.ends[0])]
    standing.compare(call.request.netns, shown, addresses, [route for route in routes if route[0] in made])
    if call.config.get('check'):
        _echo(call)
    call.delegate()


def _may_change(end, remark):
    """Is a remark on the container's end about what a later plugin of the chain may have changed? prevResult says what
    that made of it."""
    place, _, rest = remark.partition(': ')
    return place == '%s:%s' % (end['target'], end['ifname']) and rest.startswith(
        ('has the MAC address ', 'has the mtu ', 'lacks the route ', 'the route '))


def _echo(call):
    report = netnsctl.check(call.name)
    if not report.ok:
        texts = [cause.text for cause in report.causes] or ['an echo was not answered']
        raise CniError(DIFFERS, texts[0], '\n'.join(texts[1:]))


def collect(call):
    """Removes the wires of the network that are not of the attachments that stay."""
    require_root('GC')
    config = call.config
    valid = set(wire_of(config.name, container, ifname, config.own_ifname) for container, ifname in config.attachments)
    errors = []
    for wire in netnsctl.wires(matching=prefix_of(config.name, config.own_ifname) + '*'):
        if wire.name not in valid:
            try:
                netnsctl.unwire(wire)
            except NetnsctlError as error:
                errors.append(as_cni(error))
    try:
        call.delegate()
    except CniError as error:
        errors.append(error)
    if errors:
        raise CniError(errors[0].code, errors[0].message, '\n'.join(error.message for error in errors[1:]))


def status(call):
    """CniError unless an ADD could be done now."""
    try:
        require_root('STATUS')
        outer = endpoint.parse(ends.outer(call.config, ends.Wanted(), None))
        if outer.target.is_anchor:
            _require_under(outer)
        netnsctl.wires(matching=call.config.name)  # its state can be read
    except NetnsctlError as error:
        raise CniError(NOT_AVAILABLE, error.message, error.hint or '')
    call.delegate()


def _require_under(outer):
    """NetnsctlError where what an anchor hangs on is not there: a link of the host, or a bridge of Open vSwitch."""
    target = outer.target
    name, _ = kind_named(target.scheme).read_name(target.name)
    if name is None or target.scheme in ('bridge', 'dummy'):
        return  # a bridge is made with the first wire
    from netnsctl.edge import netns
    home = netns.open_host()
    try:
        if target.scheme == 'ovs':
            from netnsctl.usecases.switches import settling
            settling.require_switch(Host(), home.rtnl(), End.of(outer))
        elif home.rtnl().index_of(name) is None:
            raise CniError(NOT_AVAILABLE, '%s: this host has no link %s' % (target, name))
    finally:
        home.close()


CALLS = {'ADD': add, 'DEL': delete, 'CHECK': check, 'GC': collect, 'STATUS': status}
