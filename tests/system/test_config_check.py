"""What `config check` and `up` say of a tree that is not as it should be: each with its file and line."""

from __future__ import absolute_import, division, print_function

import json

import pytest

from support.tree import TREE, net, write


@pytest.mark.parametrize('script, words', [
    ('ln -s a {0}/c', ['{0}/c: a symlink']),
    ('mkdir {0}/netns:a', ['{0}/a', '{0}/netns:a']),
    ('echo TYPE=Bridge >{0}/a/ifcfg-br7', ['{0}/a/ifcfg-br7:1', 'host']),
    ('echo 10.9.0.0/16 >{0}/a/route-X', ['{0}/a/route-X', 'ifcfg-X']),
    ('echo from 10.0.0.1 >{0}/a/rule-X', ['{0}/a/rule-X', 'ifcfg-X']),
    ('mkdir -p {0}/host; printf "BRIDGE=br0\\nPEER=e\\nPEER_NETNS=c\\nIPADDR=10.3.0.1\\n" >{0}/host/ifcfg-p',
     ['{0}/host/ifcfg-p:4', 'ifcfg-br0']),
    ('mkdir -p {0}/host; printf "BRIDGE=br0\\nPEER=e\\nPEER_NETNS=c\\n" >{0}/host/ifcfg-p;'
     'echo 10.9.0.0/16 >{0}/host/route-p', ['{0}/host/route-p:1', 'port']),
    ('echo GATEWAY=10.1.1.2 >>{0}/a/ifcfg-A; echo default via 10.1.1.2 >{0}/a/route-A',
     ['{0}/a/route-A:1', 'clashes', '{0}/a/ifcfg-A:5']),
    ('printf "10.9.0.0/16\\n# x\\n10.9.0.0/16\\n" >{0}/a/route-A', ['{0}/a/route-A:3', 'twice', '{0}/a/route-A:1']),
    ('echo 10.9.0.0/16 via 10.77.0.1 >{0}/a/route-A', ['{0}/a/route-A:1', '10.77.0.1']),
    ('sed -i s/10.1.1.2/10.1.1.1/ {0}/b/ifcfg-B', ['{0}/a/ifcfg-A:3', '{0}/b/ifcfg-B:1', '10.1.1.1']),
    ('echo "PEER=pa\302\240# x" >{0}/a/ifcfg-A', ['{0}/a/ifcfg-A:1'])])
def test_what_would_be_ignored_or_could_not_work_is_told_with_its_place(host, script, words):
    write(host, {'a/ifcfg-A': 'PEER=B\nPEER_NETNS=b\nIPADDR=10.1.1.1\nPREFIX=32\n',
                 'b/ifcfg-B': 'IPADDR=10.1.1.2\nPREFIX=32\n', 'd/ifcfg-e': 'PEER=pd\nIPADDR=10.4.0.1\nPREFIX=24\n'})
    host.sh(script.format(TREE))
    check = host('config', 'check')
    assert check.status == 2, check
    for word in words:
        assert word.format(TREE) in check.out, check
    result = host('up')
    assert result.status == 2 and 'wired d:e-host:pd\n' in result.out, result


def test_a_bad_end_leaves_the_running_wire_as_it_is(host):
    write(host, {'a/ifcfg-A': 'PEER=B\nPEER_NETNS=b\nIPADDR=10.1.1.1\nPREFIX=32\n',
                 'b/ifcfg-B': 'IPADDR=10.1.1.2\nPREFIX=32\n'})
    assert host('up').status == 0
    seen = net(host, 'a', 'b')
    host.sh('echo NOSUCH=1 >>%s/b/ifcfg-B' % TREE)
    result = host('up')
    assert result.status == 2, result
    assert '%s/a/ifcfg-A:1' % TREE in result.err and '%s/b/ifcfg-B:3' % TREE in result.err, result
    assert net(host, 'a', 'b') == seen
    for space in ('a', 'b'):
        assert host('up', space).status == 2
    # The same with the bridge that it is plugged into.
    write(host, {'c/ifcfg-e': 'BRIDGE=br0\nIPADDR=10.0.0.2\nPREFIX=24\n',
                 'host/ifcfg-br0': 'TYPE=Bridge\nIPADDR=10.0.0.1\nPREFIX=24\n'})
    assert 'wired c:e' in host('up', 'c').out
    host.sh('echo PREFIX=x >>%s/host/ifcfg-br0' % TREE)
    assert host('up', 'c').status == 2
    assert '10.0.0.1/24' in host.sh('ip -br address show br0')


def test_each_difference_is_told_with_the_line_that_says_it(host):
    files = {'a/ifcfg-e': 'BRIDGE=br0\nIPADDR=10.0.0.2\nPREFIX=24\nIPV6INIT=yes\nIPV6ADDR=fd00::2\n'
                          'GATEWAY=10.0.0.1\n',
             'a/route-e': '# one\n10.9.0.0/16 via 10.0.0.1\n', 'a/rule-e': 'from 10.0.0.2 table 100 priority 50\n',
             'host/ifcfg-br0': 'TYPE=Bridge\n\nIPADDR=10.0.0.1\nPREFIX=24\n'}
    write(host, files)
    assert host('up').status == 0
    for name, old, new, line in (('a/ifcfg-e', 'fd00::2', 'fd00::9', 5), ('a/ifcfg-e', '10.0.0.2', '10.0.0.9', 2),
                                 ('a/ifcfg-e', 'GATEWAY=10.0.0.1', 'GATEWAY=10.0.0.7', 6),
                                 ('a/route-e', '10.9', '10.8', 2), ('a/rule-e', '100', '101', 1),
                                 ('host/ifcfg-br0', '10.0.0.1', '10.0.0.5', 3)):
        write(host, {name: files[name].replace(old, new)})
        check = host('config', 'check')
        assert check.status == 1 and '%s/%s:%d: ' % (TREE, name, line) in check.out, (name, check)
        write(host, files)
    assert host('config', 'check').status == 0


def test_items_of_an_anchor_that_differ_are_told_with_the_line_of_the_anchor(host):
    text = 'IPADDR=10.0.0.2\nPREFIX=24\nANCHOR=macvlan://up0\n'
    host.sh('ip link add up0 type veth peer name up1')
    write(host, {'a/ifcfg-e': text})
    assert host('up').status == 0
    write(host, {'a/ifcfg-e': text.replace('up0', 'up0=mode=vepa')})
    check = host('config', 'check')
    assert check.status == 1, check
    assert '%s/a/ifcfg-e:3: items: none, but the tree says mode=vepa' % TREE in check.out, check


def test_another_name_and_another_protocol_are_told_as_up_would_follow_them(host):
    files = {'a/ifcfg-A': 'PEER=B\nPEER_NETNS=b\nWIRE=first\nIPADDR=10.1.1.1\nPREFIX=32\nBOOTPROTO=none\n',
             'b/ifcfg-B': 'IPADDR=10.1.1.2\nPREFIX=32\n'}
    write(host, files)
    assert host('up').status == 0
    write(host, {'a/ifcfg-A': files['a/ifcfg-A'].replace('first', 'second')})
    check = host('config', 'check')
    assert check.status == 1, check
    assert '%s/a/ifcfg-A:3: the wire is called first, but the tree says second' % TREE in check.out, check
    assert 'recreated second' in host('up').out and host('config', 'check').status == 0
    write(host, {'a/ifcfg-A': 'PEER=B\nPEER_NETNS=b\nWIRE=second\nBOOTPROTO=dhcp\n'})
    check = host('config', 'check')
    assert check.status == 1 and '%s/a/ifcfg-A:4: BOOTPROTO: none, but the tree says dhcp' % TREE in check.out, check


def test_a_container_and_its_port_may_both_be_described(host):
    write(host, {'a/ifcfg-eth0': 'BRIDGE=br0\nPEER=p1\nIPADDR=10.0.0.2\nPREFIX=24\nMETRIC=0\n',
                 'host/ifcfg-p1': 'BRIDGE=br0\nPEER=eth0\nPEER_NETNS=a\n',
                 'a/route-eth0': 'ADDRESS0=0.0.0.0\nNETMASK0=0.0.0.0\nGATEWAY0=10.0.0.1\n',
                 'host/ifcfg-br0': 'TYPE=Bridge\nIPADDR=10.0.0.1\nPREFIX=24\n'})
    result = host('up')
    assert result.status == 0, result
    assert 'default via 10.0.0.1' in host.sh('ip -n a route') and 'master br0' in host.sh('ip link show p1')
    assert host('up').out.startswith('nothing to do') and host('config', 'check').status == 0


def test_what_dhcp_gives_is_no_hindrance_and_is_noted_with_its_line(host):
    write(host, {'a/ifcfg-A': 'PEER=pa\nBOOTPROTO=dhcp\nGATEWAY=10.1.1.254\nNETMASK=255.255.255.0\n'})
    check = host('config', 'check')
    assert check.status == 1, check
    for line, key in ((3, 'GATEWAY'), (4, 'NETMASK')):
        assert '%s/a/ifcfg-A:%d: %s has no effect here: BOOTPROTO is dhcp' % (TREE, line, key) in check.out + check.err


def test_a_source_address_that_the_link_will_not_have_is_found_before_anything_is_made(host):
    files = {'a/ifcfg-A': 'PEER=pa\nIPADDR=10.1.1.1\nPREFIX=24\nGATEWAY=10.1.1.2\nSRCADDR=10.1.2.1\n'}
    write(host, files)
    for result in (host('config', 'check'), host('up')):
        assert result.status == 2, result
        assert '%s/a/ifcfg-A:5: SRCADDR: 10.1.2.1 is not an address of A' % TREE in result.out + result.err
    assert host('ls').out == ''
    # Another link of the namespace may have it.
    write(host, dict(files, **{'a/ifcfg-B': 'PEER=pb\nIPADDR=10.1.2.1\nPREFIX=24\n'}))
    assert host('config', 'check').status == 1


def test_two_files_that_want_one_route_of_a_namespace_are_both_named(host):
    files = {'a/ifcfg-A': 'PEER=pa\nIPADDR=10.1.1.1\nPREFIX=24\nGATEWAY=10.1.1.2\n',
             'a/ifcfg-B': 'PEER=pb\nIPADDR=10.1.2.1\nPREFIX=24\nGATEWAY=10.1.2.2\n',
             'b/ifcfg-A': 'PEER=pc\nIPADDR=10.1.3.1\nPREFIX=24\nGATEWAY=10.1.3.2\n'}
    write(host, files)
    check = host('config', 'check')
    assert check.status == 2, check
    assert ('%s/a/ifcfg-B:4: netns://a has another default route with the same metric: %s/a/ifcfg-A:4' % (TREE, TREE)
            in check.out)
    assert 'b/ifcfg-A:4' not in check.out
    write(host, dict(files, **{'a/ifcfg-B': files['a/ifcfg-B'] + 'METRIC=5\n'}))
    assert host('config', 'check').status == 1


def test_two_files_that_want_one_address_of_a_bridge_are_both_named(host):
    write(host, {'host/ifcfg-br0': 'TYPE=Bridge\nIPADDR=10.1.1.254\nPREFIX=24\n',
                 'a/ifcfg-A': 'BRIDGE=br0\nIPADDR=10.1.1.1\nPREFIX=24\n',
                 'b/ifcfg-A': 'BRIDGE=br0\nIPADDR=10.1.1.1\nPREFIX=24\n',
                 'c/ifcfg-A': 'BRIDGE=br1\nIPADDR=10.1.1.1\nPREFIX=24\n'})
    check = host('config', 'check')
    assert check.status == 2, check
    assert ('%s/b/ifcfg-A:2: the address 10.1.1.1 is given twice on the bridge br0: %s/a/ifcfg-A:2' % (TREE, TREE)
            in check.out)
    assert '/c/ifcfg-A:2' not in check.out and 'ifcfg-br0:2' not in check.out


def test_an_end_without_a_file_is_named_where_it_differs(host):
    write(host, {'a/ifcfg-A': 'PEER=pa\nIPADDR=10.1.1.1\nPREFIX=24\n'})
    host.sh('ip netns add a')
    assert host('wire', '--no-check', 'a:A=10.1.1.1/24', 'host:pa=10.1.1.2/24').status == 0
    check = host('config', 'check')
    assert 'ifcfg-A:1: host:pa, which has no file: addresses: 10.1.1.2/24, but the tree says none' in check.out, check


def test_files_in_the_root_of_the_tree_are_named(host):
    write(host, {'d/ifcfg-e': 'PEER=pd\nIPADDR=10.4.0.1\nPREFIX=24\n'})
    host.sh('echo IPADDR=10.0.0.1 >%s/ifcfg-eth0; echo x >%s/README' % (TREE, TREE))
    for result in (host('config', 'check'), host('up')):
        assert '%s/ifcfg-eth0: not read: the files of a namespace belong in a directory named after it' % TREE in (
            result.out + result.err), result
        assert 'README' not in result.out + result.err


def test_wires_that_are_in_no_file_are_told_and_are_no_difference(host):
    host.sh('ip netns add a; ip netns add b; ip netns add c')
    assert host('wire', '--save', '--name', 'saved', 'a:A=10.1.1.1/32', 'b:B=10.1.1.2/32').status == 0
    assert host('config', 'check').out == 'the wires match the tree\n'
    assert host('wire', '--name', 'loose', 'b:C=10.2.1.1/32', 'c:C=10.2.1.2/32').status == 0
    text = 'loose: it is wired, but in no file: netnsctl config save loose'
    result = host('config', 'check')
    assert (result.status, result.out) == (
        0, text + '\nthe wires of the tree are up; 1 more wire is in no file\n'), result
    assert host('config', 'check', 'b').out == result.out
    assert host('config', 'check', 'a').out == 'the wires match the tree\n'
    data = json.loads(host('config', 'check', '--json').out)
    assert (data['notes'], data['differences'], data['problems']) == ([text], [], [])
    host.sh('printf "NOSUCH=1\\n" >>%s/a/ifcfg-A' % TREE)
    assert 'saved: it is wired' not in host('config', 'check').out


@pytest.mark.parametrize('verb', ['up', 'down', 'config check'])
def test_a_word_that_names_no_folder_is_told_what_it_may_mean(host, verb):
    host.sh('ip netns add a; ip netns add web')
    assert host('wire', '--save', '--name', 'a-lan', 'web:A=10.1.1.1/32', 'a:B=10.1.1.2/32').status == 0
    assert host('wire', '--name', 'loose', 'a:C', 'web:C').status == 0
    for word, hint in (('a-lan', 'The wire a-lan is in a and web: give a directory.'), ('wbe', 'Did you mean web?'),
                       ('loose', 'The wire loose is in no file: netnsctl config save loose'),
                       ('docker://zzz', 'Its directories: a web')):
        result = host(*(verb.split() + [word]))
        assert (result.status, result.err) == (
            3, 'netnsctl: %s: there is no such directory in %s, or it has no link\n  %s\n' % (word, TREE, hint)), result


def test_a_folder_of_no_scheme_and_an_empty_file_make_nothing(host):
    write(host, {'dokcer:web/ifcfg-e': 'IPADDR=10.1.1.1\n', 'a/ifcfg-x': '', 'b/ifcfg-e': 'PEER=pb\n'})
    result = host('up')
    assert result.status == 2 and result.out == 'wired b:e-host:pb\n', result
    assert 'docker:web?' in result.err and '%s/a/ifcfg-x: it is empty' % TREE in result.err, result
    assert host.sh('ls /run/netns') == 'b\n'
