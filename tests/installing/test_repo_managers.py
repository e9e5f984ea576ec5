"""`netnsctl repo` through the real dnf 4, and through a stand-in for yum 3.2.29 that follows its source: what each
makes of addresses, caches, excludes, locks and package files."""

from __future__ import absolute_import, division, print_function

import json
import os
import signal

import pytest

from support import process

OLD, NEW = '2.6.32-31.el6', '2.6.32-130.el6ost.netns.2'
PLACE = '/etc/yum.repos.d/netnsctl-rdo-havana.repo'


@pytest.fixture(params=['dnf', 'yum'])
def host(request, rpm_host):
    """A host with that package manager. conf: the path of its configuration."""
    return with_manager(rpm_host, request.param)


@pytest.fixture
def yum_host(rpm_host):
    return with_manager(rpm_host, 'yum')


def with_manager(host, name):
    host.manager, host.conf = name, '/etc/dnf/dnf.conf'
    if name == 'yum':
        host.has_yum_3()
        host.conf = '/etc/yum.conf'
    return host


def key_words(host):
    return ['--gpgkey', host.packages.key, '--fingerprint', host.packages.fingerprint]


def offer(host, url):
    result = host('repo', 'enable', '--baseurl', url, *key_words(host))
    assert result.status == 0, result


def status(host):
    result = host('repo', 'status', '--json')
    assert result.status == 0, result
    return json.loads(result.out)


def refused(host, *words):
    """The error of a command that changes nothing: one line, and a hint."""
    result = host(*words)
    assert result.status == 1 and 'Traceback' not in result.err, result
    assert host.installed() == [OLD] and 'iproute is as it was' in result.err, result
    return result.err


def serve(host, folder, port=8473):
    """A server of files in the host."""
    server = process.start(host.prefix + ['/usr/bin/python3', '-u', '-m', 'http.server', str(port), '-b', '127.0.0.1',
                                          '-d', folder])
    host.sh('for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do python3 -c "import socket; '
            'socket.create_connection((\\"127.0.0.1\\", %d))" 2>/dev/null && break; sleep 0.3; done' % port)
    return server


def end(server):
    os.kill(server.pid, signal.SIGTERM)
    process.finish(server)


# Where packages come from

@pytest.mark.parametrize('folder, url', [
    ('/scratch/repo', 'file:///scratch/repo'), ('/scratch/repo', 'file:///scratch/repo/'),
    ('/scratch/my repo', 'file:///scratch/my%20repo/')])
def test_a_repository_in_a_folder_upgrades(host, folder, url):
    host.sh('cp -r %s "%s"' % (host.packages.repo('old', 'good'), folder))
    result = host('repo', 'enable', '--upgrade', '--baseurl', url, *key_words(host))
    assert result.status == 0 and host.installed() == [NEW], result
    # What the folder holds is as it was, and nothing is left elsewhere.
    assert host.sh('diff -r %s "%s"; ls -A /run/netnsctl/repo' % (host.packages.repo('old', 'good'), folder)) == ''


@pytest.mark.one_python
def test_a_repository_of_links_to_packages_upgrades(host):
    host.sh('cp -r {0} /scratch/repo; cd /scratch/repo; mkdir /scratch/packages; mv *.rpm /scratch/packages; '
            'ln -s ../packages/*.rpm .'.format(host.packages.repo('good')))
    offer(host, 'file:///scratch/repo')
    result = host('repo', 'enable', '--upgrade')
    assert result.status == 0 and host.installed() == [NEW], result


@pytest.mark.one_python
def test_a_repository_on_a_server_upgrades(host):
    server = serve(host, host.packages.repo('good'))
    try:
        result = host('repo', 'enable', '--upgrade', '--baseurl', 'http://127.0.0.1:8473', *key_words(host))
    finally:
        end(server)
    assert result.status == 0 and host.installed() == [NEW], result


@pytest.mark.one_python
def test_a_proxy_of_the_environment_is_used(host):
    # The whole URL is what a proxy is asked for, which to this server is a path.
    host.sh('mkdir -p /scratch/www/http:/mirror.invalid; cp -r %s /scratch/www/http:/mirror.invalid/el6'
            % host.packages.repo('good'))
    server = serve(host, '/scratch/www')
    try:
        words = ['--upgrade', '--baseurl', 'http://mirror.invalid/el6/'] + key_words(host)
        result = host('repo', 'enable', *words, environ={'http_proxy': 'http://127.0.0.1:8473'})
    finally:
        end(server)
    assert result.status == 0 and host.installed() == [NEW], result


def test_a_package_that_is_gone_from_its_folder_is_said_to(host):
    host.sh('cp -r %s /scratch/repo; rm /scratch/repo/*.rpm' % host.packages.repo('good'))
    offer(host, 'file:///scratch/repo')
    told = refused(host, 'repo', 'enable', '--upgrade')
    assert 'iproute-' + NEW in told and 'offers nothing' not in told, told


@pytest.mark.one_python
def test_the_old_package_is_found_in_a_folder_too(host):
    offer(host, 'file://' + host.packages.repo('broken'))
    host.sh('rpm --import ' + host.packages.other_key)
    host.write('/etc/yum.repos.d/base.repo', '[base]\nname=base\nenabled=1\ngpgcheck=1\nbaseurl=file://%s\n'
               % host.packages.repo('base'))
    result = host('repo', 'enable', '--upgrade')
    assert result.status == 1 and 'Went back to iproute-' + OLD in result.err, result
    assert host.installed() == [OLD]


@pytest.mark.one_python
def test_a_full_var_cache_is_in_nobodys_way(host):
    offer(host, 'file://' + host.packages.repo('good'))
    host.sh('for f in /var/cache/dnf /var/cache/yum; do mkdir -p $f; mount -t tmpfs -o size=4k none $f; '
            'head -c 9000 /dev/zero >$f/full 2>/dev/null || true; done')
    assert status(host)['reachable'] is True
    result = host('repo', 'enable', '--upgrade')
    assert result.status == 0 and host.installed() == [NEW], result


# What status says

def test_status_asks_the_repository_and_no_cache(host):
    host.sh('cp -r %s /scratch/repo; chmod 755 /scratch /scratch/repo' % host.packages.repo('good'))
    offer(host, 'file:///scratch/repo')
    host.sh('LC_ALL=C %s -y --enablerepo=netnsctl-rdo-havana list available iproute' % host.manager)
    assert status(host)['reachable'] is True
    host.sh('mv /scratch/repo /scratch/gone')
    now = status(host)
    assert now['reachable'] is False and 'file:///scratch/repo' in now['unreachable_because'], now
    assert now['offered'] == []
    assert 'reachable   no: ' in host('repo', 'status').out
    host.sh('mv /scratch/gone /scratch/repo')
    now = status(host)
    assert now['reachable'] is True and [item.rsplit('.', 1)[0] for item in now['offered']] == ['iproute-' + NEW], now
    assert host.sh('ls -d /tmp/tmp*/netnsctl-rdo-havana* 2>/dev/null || true') == ''


@pytest.mark.one_python
def test_status_of_a_server_that_is_gone_names_what_it_answered(host):
    server = serve(host, '/var/empty-nothing')
    offer(host, 'http://127.0.0.1:8473/')
    try:
        now = status(host)
        assert now['reachable'] is False and '404' in now['unreachable_because'], now
    finally:
        end(server)
    now = status(host)
    assert now['reachable'] is False and '127.0.0.1:8473' in now['unreachable_because'], now


@pytest.mark.one_python
def test_status_to_others_than_root_is_no_cache_either(host):
    if not host.program.nobody_can_run():
        pytest.skip('nobody cannot read this Python, or the source')
    host.sh('cp -r %s /scratch/repo; chmod -R a+rX /scratch' % host.packages.repo('good'))
    offer(host, 'file:///scratch/repo')
    words = host.program.argv
    nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
    host.sh('chmod 1777 /var/tmp')
    host.program = type('AsNobody', (), {'argv': staticmethod(lambda *args: nobody + words(*args)),
                                         'environ': staticmethod(host.program.environ), 'kernel': None})
    assert status(host)['reachable'] is True
    host.sh('mv /scratch/repo /scratch/gone')
    assert status(host)['reachable'] is False


# What this host keeps back

@pytest.mark.one_python
def test_an_exclude_of_the_hosts_is_named(host):
    offer(host, 'file://' + host.packages.repo('good'))
    host.sh('echo "exclude=kernel* iproute*" >>' + host.conf)
    named = 'exclude=iproute* in ' + host.conf
    told = refused(host, 'repo', 'enable', '--upgrade')
    assert 'offers iproute-' + NEW in told and named in told and 'kernel' not in told, told
    told = refused(host, 'repo', 'enable', '--rpm', host.packages.path('good'))
    assert named in told, told
    shown = host('repo', 'status').out
    assert 'offered     no iproute' in shown and named in shown, shown


@pytest.mark.one_python
def test_another_exclude_is_in_nobodys_way(host):
    host.sh('echo "exclude=iproute-doc iproute-1* kernel" >>' + host.conf)
    result = host('repo', 'enable', '--upgrade', '--baseurl', 'file://' + host.packages.repo('good'), *key_words(host))
    assert result.status == 0 and host.installed() == [NEW], result


@pytest.mark.one_python
def test_an_exclude_that_hides_what_is_installed_is_named(rpm_host):
    host = with_manager(rpm_host, 'dnf')  # yum 3 looks at its excludes for what is offered alone
    offer(host, 'file://' + host.packages.repo('good'))
    host.sh('echo "excludepkgs=iproute-2.6.32-31*" >>' + host.conf)
    for words in (['--upgrade'], ['--rpm', host.packages.path('good')]):
        told = refused(host, 'repo', 'enable', *words)
        assert 'excludepkgs=iproute-2.6.32-31* in /etc/dnf/dnf.conf' in told and OLD in told, told


@pytest.mark.parametrize('line', ['exclude=iproute', 'includepkgs=kernel'])
@pytest.mark.one_python
def test_an_exclude_of_the_repositorys_is_named(host, line):
    offer(host, 'file://' + host.packages.repo('good'))
    host.sh('sed -i /^includepkgs/d {0}; echo {1} >>{0}'.format(PLACE, line))
    told = refused(host, 'repo', 'enable', '--upgrade')
    assert 'offers iproute-' + NEW in told and '%s in %s' % (line, PLACE) in told, told


@pytest.mark.one_python
def test_a_version_lock_is_named(yum_host):
    host = yum_host
    offer(host, 'file://' + host.packages.repo('good'))
    host.write('/etc/yum/pluginconf.d/versionlock.list', '# kept\n0:iproute-%s.*\n' % OLD)
    told = refused(host, 'repo', 'enable', '--upgrade')
    assert 'offers iproute-' + NEW in told and 'versionlock.list' in told, told


@pytest.mark.one_python
def test_nothing_newer_is_said_with_what_there_is(host):
    offer(host, 'file://' + host.packages.repo('old'))
    told = refused(host, 'repo', 'enable', '--upgrade')
    assert 'offers nothing newer than iproute-' + OLD in told, told


@pytest.mark.one_python
def test_a_repository_without_iproute_is_said_to_have_none(host):
    host.sh('mkdir /scratch/empty; createrepo_c --quiet --general-compress-type=gz /scratch/empty')
    offer(host, 'file:///scratch/empty')
    assert 'offers no iproute' in refused(host, 'repo', 'enable', '--upgrade')


# A package file

@pytest.mark.one_python
def test_a_package_file_of_another_architecture_is_refused(host):
    told = refused(host, 'repo', 'enable', '--rpm', host.packages.path('other_arch'), *key_words(host))
    assert 'is for ' in told and 'the installed one is for ' in told, told


@pytest.mark.one_python
def test_a_package_file_of_another_name_is_refused(host):
    told = refused(host, 'repo', 'enable', '--rpm', host.packages.path('other_name'), *key_words(host))
    assert 'iproute-doc-' in told and 'not an iproute' in told, told


@pytest.mark.one_python
def test_a_package_file_that_yum_3_does_not_take_is_named_with_its_words(yum_host):
    host = yum_host
    host.sh('rpm -U --nodeps --force-debian {0} 2>/dev/null || rpm -U --nodeps {0}'.format(
        host.packages.path('later')))
    result = host('repo', 'enable', '--rpm', host.packages.path('good'), *key_words(host))
    assert result.status == 1 and 'does not update installed package' in result.err, result
    assert host.installed() == ['2.6.32-200.el6'] and 'iproute is as it was' in result.err, result


# A package manager that does not work

BROKEN = {
    # bin/yum.py of yum's source.
    'module': ('#!/bin/sh\ncat >&2 <<END\nThere was a problem importing one of the Python modules\n'
               'required to run yum. The error leading to this problem was:\n\n   No module named rpm\n\n'
               'Please install a package which provides this module, or\nEND\nexit 1\n', 'No module named rpm'),
    'python': ('#!/usr/bin/python2.nothing\n', 'No such file or directory'),
    'traceback': ('#!/bin/sh\nprintf "Traceback (most recent call last):\\n  File x\\n'
                  'ImportError: No module named dnf\\n" >&2\nexit 1\n', 'ImportError: No module named dnf'),
    'silent': ('#!/bin/sh\nexit 3\n', 'status 3'),
    'killed': ('#!/bin/sh\nkill -9 $$\n', 'ended by signal 9')}


@pytest.mark.parametrize('how', sorted(BROKEN))
def test_a_package_manager_that_does_not_run_is_named_with_its_cause(host, how):
    offer(host, 'file://' + host.packages.repo('good'))
    text, cause = BROKEN[how]
    host.sh('rm -f /usr/bin/dnf /usr/bin/dnf-3 /usr/bin/dnf5 /usr/bin/yum')
    path = '/usr/bin/' + host.manager
    host.write(path, text)
    host.sh('chmod 755 ' + path)
    for words in (['--upgrade'], ['--rpm', host.packages.path('good')]):
        result = host('repo', 'enable', *words)
        assert result.status == 1 and path in result.err and cause in result.err, result
        assert 'neither' not in result.err and path + ' --version' in result.err, result
    assert host.installed() == [OLD]
    now = status(host)
    assert now['reachable'] is None and cause in now['unreachable_because'], now
    shown = host('repo', 'status').out
    assert 'reachable   unknown: ' in shown and 'offered' not in shown, shown


@pytest.mark.one_python
def test_of_two_package_managers_the_one_that_runs_is_taken(rpm_host):
    host = with_manager(rpm_host, 'yum')
    host.write('/usr/bin/dnf', BROKEN['traceback'][0])
    host.sh('chmod 755 /usr/bin/dnf')
    result = host('repo', 'enable', '--upgrade', '--baseurl', 'file://' + host.packages.repo('good'), *key_words(host))
    assert result.status == 0 and host.installed() == [NEW], result


def test_a_yum_that_another_one_keeps_waiting_is_said_to(yum_host):
    host = yum_host
    offer(host, 'file://' + host.packages.repo('good'))
    host.write('/var/run/yum.pid', '4711\n')
    now = status(host)
    assert now['reachable'] is None and 'another copy is running as pid 4711' in now['unreachable_because'], now
    assert 'another copy is running' in refused(host, 'repo', 'enable', '--upgrade')
    host.sh('rm /var/run/yum.pid')
    assert host('repo', 'enable', '--upgrade').status == 0 and host.installed() == [NEW]


@pytest.mark.one_python
def test_a_key_that_has_expired_since_still_counts(host):
    # What it signed while it was good is good.
    path, key, fingerprint = host.packages.expired()
    result = host('repo', 'enable', '--rpm', path, '--gpgkey', key, '--fingerprint', fingerprint)
    assert result.status == 0 and host.installed() == [NEW], result
