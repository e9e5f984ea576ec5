"""`netnsctl up --compose` as files and containers change, with a real engine and containers that have compose's
labels."""
from __future__ import absolute_import, division, print_function

from support.composed import Composed, checked
from support.process import native

PAIR = 'web:eth1=10.61.0.1/24 db:eth1=10.61.0.2/24'


def test_a_changed_file_is_followed(shop):
    web, db = shop.start('web'), shop.start('db')
    path = shop.write([PAIR, 'web:eth3=10.63.0.1/24 host=10.63.0.2/24'])
    shop.netnsctl('up', '--compose', path)
    shop.write([PAIR.replace('0.2/', '0.9/')])
    planned = shop.netnsctl('up', '--compose', path, '--dry-run').out
    assert planned.count('netnsctl unwire ') == 2 and '10.61.0.9/24' in planned, planned
    result = checked('up', shop.netnsctl('up', '--compose', path, '--json').out)
    assert result['changed'] == ['%s:eth1-%s:eth1' % (web, db)] and len(result['gone']) == 1, result
    assert shop.boxes.execute(web, 'ping', '-c', '1', '-W', '2', '10.61.0.9').status == 0


def test_each_container_of_a_service_has_its_wire_and_a_bare_name_of_several_is_refused(shop):
    shop.start('web'), shop.start('web', 2), shop.start('db')
    path = shop.write(None, web={'labels': ['netnsctl.wire=self:eth2 bridge://nwcomp']})
    assert len(checked('up', shop.netnsctl('up', '--compose', path, '--json').out)['made']) == 2
    shop.write(['web db'], web={'labels': ['netnsctl.wire=self:eth2 bridge://nwcomp']})
    result = shop.netnsctl('up', '--compose', path, status=4)
    assert 'the service web has 2 containers' in result.err and len(shop.wires()) == 2
    shop.write(['web-2:eth5=10.65.0.1/24 db:eth5=10.65.0.2/24'])
    shop.netnsctl('up', '--compose', path)
    assert len(shop.wires()) == 1
    shop.boxes.remove(shop.boxes.names[1])
    shop.write([])
    assert 'unwired' in shop.netnsctl('up', '--compose', path).out and shop.wires() == {}


def test_wires_of_others_are_no_business_of_the_file(shop):
    web, db = shop.start('web'), shop.start('db')
    ends = ['docker://%s:eth1=10.61.0.1/24' % web, 'docker://%s:eth1=10.61.0.7/24' % db]
    shop.netnsctl('wire', *ends)
    path = shop.write([PAIR])
    for words in ([], ['--dry-run']):
        result = shop.netnsctl(*['up', '--compose', path] + words, **{'status': 4})
        assert 'x-netnsctl.wires[0]: the wire %s:eth1-%s:eth1 exists and differs' % (web, db) in result.err
        assert 'netnsctl unwire' not in result.out
    shop.netnsctl('down', '--compose', path)
    assert shop.wires()['%s:eth1-%s:eth1' % (web, db)]['state'] == 'whole'
    other = Composed(shop.folder, shop.boxes, 'other')
    shop.netnsctl('up', '--compose', other.write([]), status=0)
    assert len(shop.wires()) == 1


def test_a_check_that_fails_is_5_and_the_wire_stays(shop):
    web = shop.start('web', options=['--sysctl=net.ipv4.icmp_echo_ignore_all=1'])
    path = shop.write(['web:eth1=10.66.0.2/24 bridge://nwcomp=10.66.0.1/24'])
    result = shop.netnsctl('up', '--compose', path, status=5)
    assert 'x-netnsctl.wires[0]: ' in result.err and ': wired, but ' in result.err and len(shop.wires()) == 1, result
    shop.netnsctl('down', '--compose', path)
    shop.netnsctl('up', '--no-check', '--compose', path)
    assert 'eth1' in native(shop.boxes.execute(web, 'ip', 'link').out)


def test_a_service_that_does_not_run_affects_its_own_wires_and_is_3(shop):
    shop.start('web'), shop.start('db')
    path = shop.write([PAIR, 'web:eth3=10.63.0.1/24 cache', 'web:eth4=10.64.0.1/24 host=10.64.0.2/24'], cache={})
    result = shop.netnsctl('up', '--compose', path, status=3)
    assert 'x-netnsctl.wires[1]: the service cache has no container that runs' in result.err
    assert sorted(wire['state'] for wire in shop.wires().values()) == ['whole'] * 2
    shop.boxes.stop(shop.boxes.names[1])
    result = shop.netnsctl('up', '--compose', path, status=3)
    assert len(shop.wires()) == 1 and 'unwired' in result.out, result
    shop.boxes.restart(shop.boxes.names[1])
    shop.netnsctl('up', '--compose', path, status=3)
    assert len(shop.wires()) == 2
