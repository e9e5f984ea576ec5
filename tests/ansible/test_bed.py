"""The bed itself: machines with a sshd, that are apart from each other and from this machine."""
from __future__ import absolute_import, division, print_function


def test_each_answers_by_ssh_and_has_netnsctl(machines):
    for name, machine in machines.machines.items():
        result = machines.ssh(machine, 'hostname; netnsctl --version')
        assert result.status == 0 and result.err == '', result
        assert result.out.split()[:2] == [name, 'netnsctl'], result


def test_one_is_like_centos_6_and_has_no_python_3(machines):
    assert machines['six'].sh('cat /etc/redhat-release').startswith('CentOS release 6.5')
    assert machines['six'].run('/bin/sh', '-c', 'command -v python3').status != 0


def test_they_reach_each_other_with_packets_of_1500_bytes(machines):
    for name in ('two', 'six'):
        machines['one'].sh('ping -c 1 -w 5 -M do -s 1472 ' + machines[name].address)


def test_names_and_wires_of_one_are_not_those_of_another(machines):
    machines['one'].sh('netnsctl netns add only-here')
    try:
        assert 'only-here' not in machines['two'].sh('netnsctl netns list')
        assert machines['two'].wires() == {}
    finally:
        machines['one'].sh('netnsctl netns delete only-here')


def test_one_can_be_down_and_come_back(machines):
    machine = machines['two']
    machine.stop_sshd()
    try:
        assert machines.ssh(machine, 'true').status == 255
    finally:
        machine.start_sshd()
    assert machines.ssh(machine, 'true').status == 0
