"""From files to wires: each once, whichever end describes it; and errors that name both files and lines."""
from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.compat import native
from netnsctl.errors import UsageError
from netnsctl.model import routing
from netnsctl.model.ifcfg import interface, lines, link, route_files, spaces, tree
from netnsctl.model.route import Route


def build(**files):
    """build_with(), with no bad files."""
    return build_with([], **files)


def build_with(unread, **files):
    """build_with([], a__eth0='...') -> the Tree of /t/a/ifcfg-eth0; docker_C_web__eth0 is of docker:web."""
    found = []
    for name in sorted(files):
        space, _, device = name.partition('__')
        space = space.replace('_C_', ':')
        place = '/t/%s/ifcfg-%s' % (space, device)
        found.append(interface.Interface(space, link.from_lines(lines.parse(files[name], place), place, device), place))
    return tree.build(found, (), unread)


def ends(wire):
    return tuple(str(end) for end in wire.ends)


def test_a_veth_that_both_ends_describe_is_one_wire():
    found = build(a__A='IPADDR=10.1.1.1\nPREFIX=32\nPEER=B\nPEER_NETNS=netns://b\nWIRE=w\n',
                  b__B='IPADDR=10.1.1.2\nPREFIX=32\nPEER=A\nPEER_NETNS=a\n')
    assert not found.problems and [ends(wire) for wire in found.wires] == [
        ('netns://a:A=10.1.1.1/32', 'netns://b:B=10.1.1.2/32')]
    assert found.wires[0].name == 'w' and found.wires[0].spaces == ('a', 'b')


@pytest.mark.parametrize('files',
                         [{'a__A': 'PEER=B\nPEER_NETNS=b\nIPADDR=10.1.1.1\nPREFIX=32\n',
                           'b__B': 'IPADDR=10.1.1.2\nPREFIX=32\n'},
                          {'a__A': 'IPADDR=10.1.1.1\nPREFIX=32\n',
                           'b__B': 'PEER=A\nPEER_NETNS=a\nIPADDR=10.1.1.2\nPREFIX=32\n'},
                          {'a__A': 'PEER_NETNS=b\nIPADDR=10.1.1.1\nPREFIX=32\n',
                           'b__B': 'PEER=A\nPEER_NETNS=a\nIPADDR=10.1.1.2\nPREFIX=32\n'}])
def test_it_is_enough_that_one_end_names_the_other(files):
    assert [ends(wire) for wire in build(**files).wires] == [('netns://a:A=10.1.1.1/32', 'netns://b:B=10.1.1.2/32')]


def test_an_end_alone_has_a_peer_with_nothing_on_it():
    found = build(docker_C_web__eth0='IPADDR=10.0.0.2\nPREFIX=24\nPEER_NETNS=host\nPEER=to-web\n')
    assert [ends(wire) for wire in found.wires] == [('docker://web:eth0=10.0.0.2/24', 'host:to-web')]
    found = build(docker_C_web__eth0='IPADDR=10.0.0.2\nPREFIX=24\n')
    assert [ends(wire) for wire in found.wires] == [('docker://web:eth0=10.0.0.2/24', 'host')]


def test_a_bridge_has_the_addresses_of_its_own_file():
    found = build(docker_C_web__eth0='BRIDGE=br0\nIPADDR=10.0.0.2\nPREFIX=24\nGATEWAY=10.0.0.1\n',
                  docker_C_db__eth0='BRIDGE=br0\nIPADDR=10.0.0.3\nPREFIX=24\n',
                  host__br0='TYPE=Bridge\nIPADDR=10.0.0.1\nPREFIX=24\n')
    assert not found.problems and [ends(wire) for wire in found.wires] == [
        ('docker://db:eth0=10.0.0.3/24', 'bridge://br0=10.0.0.1/24'),
        ('docker://web:eth0=10.0.0.2/24,gw=10.0.0.1', 'bridge://br0=10.0.0.1/24')]


def test_an_address_of_a_bridge_in_a_network_of_other_wires_alone_is_left_to_them():
    one, two = 'BRIDGE=br0\nIPADDR=10.1.0.2\nPREFIX=24\n', 'BRIDGE=br0\nIPADDR=10.2.0.2\nPREFIX=24\nPEER=p\n'
    bridge = 'TYPE=Bridge\nIPADDR0=10.1.0.1\nPREFIX0=24\nIPADDR1=10.9.0.1\nPREFIX1=24\n'
    both = 'bridge://br0=10.1.0.1/24,10.9.0.1/24,nat'
    found = build(host__br0=bridge + 'NAT=yes\n', a__A=one, b__B=two)
    assert not found.problems and [str(wire.ends[1]) for wire in found.wires] == [both, 'bridge://br0:p']
    assert [wire.left for wire in found.wires] == [((), ()), ((), ('10.1.0.1/24', '10.9.0.1/24'))]
    assert found.wires[1].turned().left == (('10.1.0.1/24', '10.9.0.1/24'), ())
    found = build(host__br0=bridge + 'NAT=yes\n', a__A=one, b__B=two, c__C='BRIDGE=br0\nIPADDR=10.9.0.3\nPREFIX=24\n',
                  host__p='BRIDGE=br0\nPEER=B\nPEER_NETNS=b\nMTU=1400\n')
    assert [str(wire.ends[1]) for wire in found.wires] == [
        'bridge://br0=10.1.0.1/24,nat', 'bridge://br0:p=mtu=1400', 'bridge://br0=10.9.0.1/24,nat']
    found = build(host__br0=bridge, b__B=two)
    assert not found.wires and 'b/ifcfg-B:2: netns://b: 10.2.0.2/24 shares no network' in found.problems[0].message


def test_a_gateway_needs_an_address_or_a_route_to_it():
    found = build(a__A='PEER=p\nGATEWAY=10.0.0.1\n')
    assert not found.wires and '/t/a/ifcfg-A:2: ' in found.problems[0].message \
        and 'the gateway 10.0.0.1 cannot be used: the end has no IPv4 address' in found.problems[0].message


def test_a_port_of_a_bridge_may_be_described_by_itself():
    found = build(a__eth0='IPADDR=10.0.0.2\nPREFIX=24\nPEER=port0\nPEER_NETNS=host\n',
                  host__port0='BRIDGE=br0\nPEER=eth0\nPEER_NETNS=a\n',
                  host__br0='TYPE=Bridge\nIPADDR=10.0.0.1\nPREFIX=24\n')
    assert not found.problems and [ends(wire) for wire in found.wires] == [
        ('netns://a:eth0=10.0.0.2/24', 'bridge://br0:port0=10.0.0.1/24')]


def test_defroute_metric_and_srcaddr_make_the_default_route_what_they_say():
    text = 'IPADDR=10.0.0.2\nPREFIX=24\nGATEWAY=10.0.0.1\nPEER=x\n'
    assert build(a__e=text).wires[0].ends[0].gateways == ('10.0.0.1',)
    assert build(a__e=text + 'DEFROUTE=no\n').wires[0].ends[0].gateways == ()
    end = build(a__e=text + 'METRIC=7\nSRCADDR=10.0.0.2\nSCOPE=link\n').wires[0].ends[0]
    assert end.gateways == () and end.scope == 'link'
    assert end.routes == (Route('0.0.0.0/0', '10.0.0.1', metric=7, src='10.0.0.2'),)


def test_onboot_no_at_either_end_keeps_the_wire_from_boot():
    assert build(a__A='PEER=B\nPEER_NETNS=b\n', b__B='ONBOOT=no\n').wires[0].onboot is False


@pytest.mark.parametrize('files, words', [
    ({'a__A': '\nPEER=B\nPEER_NETNS=b\n', 'b__B': 'PEER=C\nPEER_NETNS=a\n'},
     ['/t/a/ifcfg-A:2', '/t/b/ifcfg-B:1', 'PEER']),
    ({'a__A': 'PEER=B\nPEER_NETNS=b\n', 'b__B': 'PEER=A\nPEER_NETNS=c\n'},
     ['/t/a/ifcfg-A:1', '/t/b/ifcfg-B:2', 'PEER_NETNS']),
    ({'a__A': 'WIRE=x\nPEER=B\nPEER_NETNS=b\n', 'b__B': 'WIRE=y\n'}, ['/t/a/ifcfg-A:1', '/t/b/ifcfg-B:1', 'WIRE']),
    ({'a__A': 'PEER=X\nPEER_NETNS=c\n', 'b__B': 'PEER=X\nPEER_NETNS=c\n'}, ['/t/a/ifcfg-A:1', '/t/b/ifcfg-B:1', 'X']),
    ({'a__A': '', 'b__B': 'PEER=A\nPEER_NETNS=a\n', 'c__C': 'PEER=A\nPEER_NETNS=a\n'},
     ['/t/b/ifcfg-B:1', '/t/c/ifcfg-C:1']),
    ({'a__A': 'WIRE=w\nPEER=B\nPEER_NETNS=x\n', 'b__B': 'WIRE=w\nPEER=A\nPEER_NETNS=y\n'}, ['/t/a/ifcfg-A:1',
                                                                                        '/t/b/ifcfg-B:1', 'w']),
    ({'a__A': 'NETNS=docker://a\nPEER=x\n'}, ['/t/a/ifcfg-A:1', 'NETNS']),
    ({'a__A': 'BRIDGE=br0\nPEER_NETNS=docker://x\n'}, ['/t/a/ifcfg-A:2', 'PEER_NETNS']),
    ({'host__A': 'IPADDR=10.0.0.1\nPREFIX=24\n'}, ['/t/host/ifcfg-A', 'PEER_NETNS']),
    ({'a__A': 'BRIDGE=br0\n', 'host__br0': 'PEER=z\nPEER_NETNS=q\n'},
     ['/t/a/ifcfg-A:1', '/t/host/ifcfg-br0', 'bridge'])])
def test_ends_that_contradict_each_other_are_an_error_naming_both_files_and_lines(files, words):
    found = build(**files)
    assert len(found.problems) >= 1
    for word in words:
        assert word in ' '.join(problem.message for problem in found.problems), found.problems[0].message


def test_a_contradiction_costs_no_other_wire():
    found = build(a__A='PEER=B\nPEER_NETNS=b\n', b__B='PEER=C\nPEER_NETNS=a\n', c__C='PEER=x\nPEER_NETNS=host\n')
    assert [ends(wire) for wire in found.wires] == [('netns://c:C', 'host:x')]


# route and rule files

def only_plain(words):
    if any(ord(letter) > 127 for word in words for letter in word):
        raise UsageError('not taken: %s' % ' '.join(words))
    return words


def routes(text, dev='eth0'):
    return [(number, ' '.join(words)) for number, words in route_files.parse(text, 'r', only_plain)]


def test_lines_are_the_words_of_ip_route_add():
    assert routes('# x\n10.9.0.0/16 via 10.0.0.1\n\n  default   via 10.0.0.1 dev eth0 metric 5\n') == [
        (2, '10.9.0.0/16 via 10.0.0.1'), (4, 'default via 10.0.0.1 dev eth0 metric 5')]


def test_the_other_form_has_an_address_a_mask_and_a_gateway():
    assert routes('ADDRESS0=10.9.0.0\nNETMASK0=255.255.0.0\nGATEWAY0=10.0.0.1\n# x\nADDRESS1="192.168.5.0"\n') == [
        (1, '10.9.0.0/16 via 10.0.0.1'), (5, '192.168.5.0/24')]


@pytest.mark.parametrize('text, words',
                         [('ADDRESS1=10.9.0.0\n', 'r:1: there is no ADDRESS0'),
                          ('ADDRESS0=10.9.0.0\nGATEWAY2=10.0.0.1\n', 'r:2: there is no ADDRESS1'),
                          ('ADDRESS0=10.9.0.0\nNETMASK0=255.0.255.0\n', 'are not a network'),
                          ('ADDRESS0=x\n', 'are not a network'),
                          ('ADDRESS0=10.9.0.0\nADDRESS00=10.8.0.0\n', 'r:2: no key ADDRESS00'),
                          ('ADDRESS%s=10.9.0.0\n' % ('9' * 5000), 'r:1: no key'),
                          (native(b'10.0.0.0/8\xc2\xa0via 10.0.0.1\n'), '10.0.0.0/8'),
                          ('ADDRESS0=10.9.0.0\nMETRICS0=1\n', 'r:2: no key METRICS0'),
                          ('ADDRESS0=$(id)\n', 'r:1: '),
                          ('10.0.0.0/8\r\n', 'r:1: '),
                          ('10.0.0.0/8 \x1b[0m\n', 'r:1: ')])
def test_what_is_wrong_with_routes_is_told_with_its_line(text, words):
    with pytest.raises(UsageError) as caught:
        routes(text)
    assert words in caught.value.message


@pytest.mark.parametrize('line',
                         ['10.9.0.0/16 via 10.0.0.1; reboot', '10.9.0.0/16 dev eth1', '$(reboot)', '10.9.0.1/16',
                          'default via fd00::1', 'nonsense', '10.9.0.0/16 via', '10.9.0.0/16 type unicast'])
def test_words_that_are_no_route_are_refused_with_file_and_line(line):
    from netnsctl.usecases.tree.reading import route_parser
    with pytest.raises(UsageError) as caught:
        route_files.parse('# x\n%s\n' % line, '/t/route-eth0', route_parser('eth0', 4, routing.no_names))
    assert caught.value.message.startswith('/t/route-eth0:2: ')


def test_a_default_route_can_be_said_with_address_and_mask():
    assert routes('ADDRESS0=0.0.0.0\nNETMASK0=0.0.0.0\nGATEWAY0=10.0.0.1\n') == [(1, '0.0.0.0/0 via 10.0.0.1')]


def updated(text, *wanted):
    from netnsctl.usecases.tree.reading import route_parser
    parse = route_parser('eth0', 4, routing.no_names)
    return route_files.update(text, 'r', parse, [parse(line.split()) for line in wanted],
                              lambda route: route.words('eth0'))


ADDRESSES = ('# routes\nADDRESS0=10.9.0.0 # nine\nNETMASK0=255.255.0.0\nGATEWAY0="10.0.0.1"\n'
             'ADDRESS1=10.8.0.0\nNETMASK1=255.255.0.0\n')


@pytest.mark.parametrize('text, wanted, after', [
    ('# x\n10.9.0.0/16   via 10.0.0.1 table main\n', ['10.9.0.0/16 via 10.0.0.1'], None),
    (ADDRESSES, ['10.8.0.0/16', '10.9.0.0/16 via 10.0.0.1'], None),
    ('\n', [], None),
    ('# x\n10.9.0.0/16\n10.8.0.0/16 # odd\n'.replace(' # odd', ''), ['10.8.0.0/16', '10.7.0.0/16'],
     '# x\n10.8.0.0/16\n10.7.0.0/16 dev eth0\n'),
    ('# x\n10.9.0.0/16', [], '# x\n'),
    (ADDRESSES, ['10.8.0.0/16'], '# routes\nADDRESS0=10.8.0.0\nNETMASK0=255.255.0.0\n'),
    (ADDRESSES, ['10.9.0.0/16 via 10.0.0.1', '10.7.0.0/24 via 10.0.0.2'],
     ADDRESSES.replace('ADDRESS1=10.8.0.0\nNETMASK1=255.255.0.0\n',
                       'ADDRESS1=10.7.0.0\nNETMASK1=255.255.255.0\nGATEWAY1=10.0.0.2\n')),
    (ADDRESSES, ['10.9.0.0/16 via 10.0.0.1', '10.7.0.0/24 metric 5'],
     '# routes\n10.9.0.0/16 via 10.0.0.1 dev eth0\n10.7.0.0/24 dev eth0 metric 5\n'),
    (ADDRESSES, [], '# routes\n')])
def test_rows_change_in_the_form_that_the_file_has_and_comments_stay(text, wanted, after):
    assert updated(text, *wanted) == (text if after is None else after)
    assert updated(updated(text, *wanted), *wanted) == updated(text, *wanted)


def test_a_file_with_nothing_left_to_say_goes_and_a_new_one_comes():
    assert updated('10.9.0.0/16\n') is None and updated(None) is None
    assert updated(None, '10.9.0.0/16') == '10.9.0.0/16 dev eth0\n'


def test_any_rows_are_read_back_after_an_update_in_either_form():
    hypothesis = pytest.importorskip('hypothesis')
    from hypothesis import strategies as some
    from netnsctl.usecases.tree.reading import route_parser
    parse = route_parser('eth0', 4, routing.no_names)
    route = some.builds('10.{0}.0.0/16{1}{2}'.format, some.integers(0, 9), some.sampled_from(['', ' via 10.0.0.1']),
                        some.sampled_from(['', '', ' metric 5']))
    forms = some.sampled_from(['# x\n10.3.0.0/16\n\n10.4.0.0/16 via 10.0.0.1\n', ADDRESSES, '', '# x'])

    @hypothesis.settings(max_examples=300, deadline=None)
    @hypothesis.given(forms, some.lists(route, max_size=5, unique=True))
    def holds(text, wanted):
        after = updated(text, *wanted)
        assert set(value for _, value in route_files.parse(after or '', 'r', parse)) == set(
            parse(line.split()) for line in wanted)
        assert (after or '').count('#') >= text.count('# x')
    holds()


# Files that could not be read

def bad(space, device, peer=interface.Unread.ANY):
    return interface.Unread(space, device, '/t/%s/ifcfg-%s' % (space, device), peer)


@pytest.mark.parametrize('files, unread', [
    ({'a__A': 'PEER=B\nPEER_NETNS=b\n'}, bad('b', 'B')),
    ({'a__A': 'PEER=B\nPEER_NETNS=b\n'}, bad('b', None)),
    ({'a__A': ''}, bad('b', 'B', (tree.HOST.__class__('netns', 'a'), 'A'))),
    ({'a__A': 'WIRE=w\n'}, bad('b', 'B')),
    ({'a__A': 'PEER_NETNS=b\n'}, bad('b', 'B')),
    ({'a__A': 'BRIDGE=br0\n'}, bad('host', 'br0')),
    ({'a__A': 'PEER=p\nPEER_NETNS=host\n', 'host__p': 'BRIDGE=br0\n'}, bad('host', 'br0'))])
def test_a_wire_that_a_bad_file_has_a_part_in_is_a_problem_of_both_folders(files, unread):
    found = build_with([unread], **files)
    assert found.wires == [] and len(found.problems) >= 1
    assert any(set(['a', unread.space]) <= set(problem.spaces) for problem in found.problems)
    assert unread.place in found.problems[0].message


@pytest.mark.parametrize('files', [{'a__A': 'PEER=C\nPEER_NETNS=b\n'}, {'a__A': 'PEER=p\n'}, {'a__A': 'DEVICE=A\n'},
                                   {'a__A': 'BRIDGE=br1\n'}])
def test_a_bad_file_costs_no_wire_that_it_has_no_part_in(files):
    assert len(build_with([bad('b', 'B'), bad('host', 'br0', None)], **files).wires) == 1


def test_a_wire_is_of_the_folders_as_they_are_called():
    place = '/t/netns:a/ifcfg-A'
    item = interface.Interface('netns:a', link.from_lines(lines.parse('PEER=p\n', place), place, 'A'), place)
    assert tree.build([item]).wires[0].spaces == ('host', 'netns:a')


def test_an_empty_file_is_an_end_only_where_another_file_names_it():
    assert [ends(wire) for wire in build(a__A='PEER=B\nPEER_NETNS=b\n', b__B='').wires] == [
        ('netns://a:A', 'netns://b:B')]
    found = build(a__A='# nothing yet\n\n', b__B='DEVICE=B\n')
    assert [ends(wire) for wire in found.wires] == [('netns://b:B', 'host')]
    assert [problem.message for problem in found.problems] == [
        '/t/a/ifcfg-A: it is empty, and no other file names it as the other end of its wire']


@pytest.mark.parametrize('space,words', [
    ('dokcer:web', 'no scheme is called dokcer (docker:web?); a namespace of that name is netns:dokcer:web'),
    ('Podman:web', '(podman:web?)'), ('bridge:br0', 'only named namespaces, containers and the host'),
    ('path:x', 'is netns:path:x')])
def test_a_folder_with_a_scheme_that_is_none_of_the_trees_is_refused(space, words):
    with pytest.raises(UsageError) as caught:
        spaces.target_of(space)
    assert caught.value.message.startswith(space + ': ') and words in caught.value.message
    target = spaces.target_of('netns:' + space)
    assert (str(target), spaces.space_of(target)) == ('netns://' + space, 'netns:' + space)


def test_a_namespace_with_a_colon_in_its_name_that_is_like_no_scheme_is_a_namespace():
    assert str(spaces.target_of('blue:7')) == 'netns://blue:7'
