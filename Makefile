# `make` alone lists the targets. Variables: PYTHON (which Python 3 .venv is made from), PYTEST_ARGS, BENCH_ARGS;
# of make rpm: DIST, RELEASE (the number after the version; of make srpm and make deb too), HOMEPAGE (of make srpm and
# make deb too), RPM_ARGS (--without bundled, --without doc);
# of make repo: DISTS, KEY, BASEURL, DEST (repo/build says what they are); of make acceptance: HOST, SSH, VIA.
# Debian's own interpreter comes first: it starts faster than one under a version manager's shim.
PYTHON ?= $(firstword $(wildcard /usr/bin/python3) python3)
export PYTHON

.DEFAULT_GOAL := help
.PHONY: help fuzz setup setup-small setup-test setup-unit demo docs test test-all test-docs test-mermaid test-axe test-unit test-integration test-system test-hostile test-uml test-kernels test-installing test-runtimes test-ansible test-firewalls test-rpm test-every test-boot \
	test-python26 test-vagrant vagrant-validate faults soak lint vermin completion keep-release release reproducible bench rpm srpm rpm-binding deb repo el6 acceptance clean

help:
	@echo 'Times are those of two processors with nothing else running, once the set-up is done.'
	@echo 'make setup             installs what is missing (as root) and makes .venv and, where Python 2.7 is found, .venv27 (the'
	@echo '                       first time 10 min, then 5 s)'
	@echo 'make demo              wires two namespaces that it makes, pings, and removes it all (as root or through sudo; 5 s)'
	@echo 'make test              lint, the Python 2.6 gate, unit tests, and each command in real namespaces and with a real dockerd,'
	@echo '                       under Python 3 (as root; 4 min, on a fresh machine 10 min)'
	@echo 'make test-all          make test, and then what it leaves out: Python 2.7 (a third of the system tests), packages, a host'
	@echo '                       like CentOS 6.5, hostile containers, faults by sample (as root; 20 min)'
	@echo 'make test-unit         tests that need no root, install no packages and touch nothing on the host (1 min)'
	@echo 'make test-integration  tests of single parts in throwaway namespaces (as root; 5 min)'
	@echo 'make test-system       tests of the program, with real containers, under Python 3 and 2.7 (as root; 15 min)'
	@echo 'make test-hostile      tests in which containers, users, daemons and servers lie and obstruct (as root; 5 min)'
	@echo 'make test-uml          tests of what this kernel may lack (vlan, ipvlan, dummy, ...), in a user-mode-linux guest (as root;'
	@echo '                       5 min)'
	@echo 'make test-kernels      tests of kinds of links and integration tests under kernels 5.10, 6.1, 6.12 and newer of Debian, in'
	@echo '                       qemu, and under three Pythons; goes on where it was interrupted (as root; 120 min)'
	@echo 'make test-installing   tests of the iproute from a repository, by dnf and yum, and of the scripts for Vagrant (as root; 5 min)'
	@echo 'make test-runtimes     tests of what runtimes start netnsctl by (OCI hook, netavark, CNI, compose labels), with the real ones'
	@echo '                       (as root; 8 min)'
	@echo 'make test-ansible      tests of the Ansible collection, with three versions of ansible-core fetched by pip (as root; 10 min)'
	@echo 'make test-firewalls    tests beside firewalld and ufw, fetched from the distribution and not installed (as root; 6 min)'
	@echo 'make test-rpm          tests of the packages for every distribution, not just for EL6 and EL9 (as root; 10 min)'
	@echo 'make test-every        the system tests at every fault and with every case, not a sample (as root; 30 min)'
	@echo 'make test-boot         boots a guest with the package in qemu, cuts its power, and looks at the wires (as root; 10 min)'
	@echo 'make test-python26     unit, integration and system tests under a Python 2.6 that is there (PYTHON26=PATH; 15 min)'
	@echo 'make test-docs         builds the manual and opens each page of it in a headless browser (1 min)'
	@echo 'make test-axe          has axe-core, fetched from npm, judge the page that map writes (1 min)'
	@echo 'make test-mermaid      has mermaid, fetched from npm, draw what map prints for it (1 min)'
	@echo 'make test-vagrant      vagrant up, by the Vagrantfile, of a machine like CentOS 6.5 in qemu: it installs the package and runs'
	@echo '                       the acceptance suite; where there is no vagrant-libvirt, without a machine (as root; 15 min)'
	@echo 'make vagrant-validate  has vagrant read the Vagrantfile (5 s)'
	@echo 'make faults            every fault at every point, in worlds of their own, and what it left (as root; 60 min)'
	@echo 'make soak              10,000 wires, and 1,000 of each kind, made and removed: does anything grow? (as root; 30 min)'
	@echo 'make fuzz              feeds all that reads text or bytes from outside with inputs that reach ever more of it, by atheris;'
	@echo '                       FUZZ_ARGS="--seconds 60 ifcfg": for so long, these targets (70 min)'
	@echo 'make lint              ruff, bandit, mypy, and shellcheck where it is installed (10 s)'
	@echo 'make vermin            checks that the source needs nothing that Python 2.6 lacks (5 s)'
	@echo 'make completion        writes the words of the program into the completion for bash, zsh and fish (1 s)'
	@echo 'make release KEY=...   builds all that is published of the tagged version, signed, in dist/release, with SHA256SUMS, bills of'
	@echo '                       materials and a provenance statement (2 min); RELEASE_ARGS=--untagged: a try'
	@echo 'make reproducible      builds a release twice, elsewhere, on another day and as somebody else, and compares it (as root; 5 min)'
	@echo 'make keep-release      keeps what this version promises in tests/releases, to test later ones against (as root; 10 s)'
	@echo 'make docs              builds the manual as a site in build/site, to be read offline (30 s)'
	@echo 'make bench             measures, side by side with ip, CNI, pyroute2 and the kernel itself (as root; 25 min)'
	@echo 'make rpm DIST=el9      builds the package of this commit into dist/ (el6, el7, el8, el9, el10, fedora; 10 s)'
	@echo 'make rpm-binding       makes the Python binding of rpm importable in .venv (10 s)'
	@echo 'make srpm              builds the source package of this commit into dist/ (10 s)'
	@echo 'make deb               builds the package of this commit for Debian 12 and later into dist/ (10 s)'
	@echo 'make repo KEY=...      makes the signed yum repository of all distributions, dist/repo (1 min)'
	@echo 'make el6               makes a host like CentOS 6.5, to try it on (as root; tests/el6/README.md; 5 min)'
	@echo 'make acceptance        installs it there from the repository and runs the acceptance suite (as root; 5 min);'
	@echo '                       HOST=[USER@]HOST runs the suite on another host, where netnsctl is installed;'
	@echo '                       VIA="ssh -p 2222 root@host" by a command that runs a line of shell there'
	@echo 'make clean             removes what these targets made in this directory (1 s)'

# What running the program takes, without the tests' engines.
setup-small:
	@tests/tools/packages python ip
	@tests/tools/python3

# And what `make test` takes: one engine, and the tools of a host of rpm packages.
setup-test: setup-small
	@tests/tools/packages ping docker busybox strace shellcheck cc rpmbuild rpmsign gpg createrepo_c dnf nft mandoc groff zsh fish dot
	@tests/tools/packages linux.uml modprobe

setup: setup-test
	@tests/tools/packages podman lxc rpmlint cpio vagrant ovs-vswitchd dhclient udhcpc cni
	@tests/tools/packages dpkg-buildpackage dh dh_python3 lintian debootstrap python3-rpm librpm-dev
	@if python=$$(tests/tools/find-python2.7); then tests/tools/python2.7 "$$python"; fi
	@rpm/fetch
	@tests/tools/mkdocs --set-up
	@$${PYTHON:-python3} rpm/bundle tests/packaging/sbom-schema.txt "$$(rpm/fetch --where)" || echo '== its test is skipped'
	@rpm/binding --fetch || echo '== its test is skipped'

demo:
	@tests/tools/packages ip ping
	@docs/demo.sh

docs:
	@tests/tools/packages python mandoc
	@tests/tools/mkdocs

test-docs: setup-small docs
	@tests/tools/packages chromium
	@PYTHONPATH=src .venv/bin/python -m pytest $(PYTEST_ARGS) tests/docs

test-mermaid: setup-small
	@tests/tools/packages chromium npm
	@tests/tools/mermaid
	@PYTHONPATH=src .venv/bin/python -m pytest $(PYTEST_ARGS) tests/docs/test_mermaid.py

test-axe: setup-small
	@tests/tools/packages chromium npm
	@tests/tools/axe
	@PYTHONPATH=src .venv/bin/python -m pytest $(PYTEST_ARGS) tests/docs/test_map_axe.py

test: setup-test lint vermin
	@tests/tools/run quick

# Of one command line `make test test-all`, make runs the first once.
test-all: test setup
	@{ $(MAKE) --no-print-directory el6 || echo '== no host like CentOS 6.5: its tests are skipped'; } & \
	tests/tools/debian-root >/dev/null || \
		echo '== no small Debian: the tests of installing the package there are skipped'; wait
	@tests/tools/run rest

# Without root and without packages of the distribution: .venv, and .venv27 where Python 2.7 is found.
setup-unit:
	@tests/tools/python3
	@if python=$$(tests/tools/find-python2.7); then tests/tools/python2.7 "$$python"; fi

test-unit: setup-unit
	@tests/tools/run unit

test-integration: setup
	@tests/tools/run integration

test-system: setup
	@tests/tools/run system

test-hostile: setup
	@NETNSCTL_TEST_EVERY=1 tests/tools/run hostile

test-uml: setup-small
	@tests/tools/packages linux.uml modprobe cc busybox
	@NETNSCTL_TEST_EVERY=1 tests/tools/run uml

# KERNELS_ARGS: words for tests/kernels/run (--only TEXT, --part kinds, --again). The tables: tests/kernels/table.
test-kernels: setup
	@tests/tools/packages qemu-system-x86_64 modprobe cpio busybox
	@tests/kernels/run $(KERNELS_ARGS)

# The stand-in for yum is asked with the cases of dnf, and Vagrant's scripts on a host with mirrors of its own.
test-installing: setup
	@tests/tools/run installing

# What a runtime of these is there for: tests/runtimes.
test-runtimes: setup
	@tests/tools/packages podman runc crun containerd curl debootstrap cni docker-compose
	@for kind in podman compose; do tests/tools/debian-root trixie $$kind >/dev/null || \
		echo "== no Debian 13 with $$kind: its tests are skipped"; done
	@tests/tools/run runtimes

test-firewalls: setup-test
	@tests/tools/firewalld
	@tests/tools/run firewalls

# NETNSCTL_TEST_ANSIBLE: the versions to test with, instead of all.
test-ansible: setup-test
	@tests/tools/packages sshd debootstrap dpkg-buildpackage dh dh_python3 linux.uml modprobe cc
	@tests/tools/ansible --set-up $(NETNSCTL_TEST_ANSIBLE)
	@tests/tools/run ansible
	@tests/tools/ansible --test

test-rpm: setup
	@NETNSCTL_TEST_EVERY=1 tests/tools/run packaging

# Every point at which the program can be killed or cut short, and every case under Python 2.7 too, where `make test-all`
# takes a sample.
test-every: setup
	@NETNSCTL_TEST_EVERY=1 tests/tools/run system

# The guest's Python is found where the package for EL9 looks for it. Built of the commit, as every package.
test-boot:
	@tests/tools/packages rpmbuild qemu-system-x86_64 debootstrap mke2fs
	@package=$$(DIST=el9 rpm/build --without doc) && tests/boot/run "$$package"

# Nothing installs a Python 2.6: PYTHON26, or a python2.6 on PATH, names it. The program runs under it too.
test-python26: setup
	@tests/tools/run --python2.6 unit integration system hostile

test-vagrant:
	@tests/tools/packages rpmbuild rpmsign gpg createrepo_c debootstrap mke2fs cpio qemu-img qemu-system-x86_64 libvirtd virsh \
		dnsmasq vagrant vagrant-libvirt
	@if tests/vagrant/up check; then \
		tests/vagrant/up; \
	else \
		echo 'make test-vagrant: no machine can be made here: the same scripts run in the stand-in, without vagrant' >&2; \
		tests/vagrant/try; \
	fi

vagrant-validate:
	@tests/tools/packages vagrant
	@vagrant validate --ignore-provider

# FAULTS_ARGS: more words for tests/faults/run.py (--only TEXT, --json FILE, ...). PYTHON: what the program runs under.
faults: setup
	@tests/faults/run $(FAULTS_ARGS)

soak: setup
	@tests/faults/soak

# FUZZ_ARGS: more words for tests/fuzz/run (--seconds N, --keep, names of targets).
fuzz: setup-small
	@tests/tools/atheris
	@tests/fuzz/run $(FUZZ_ARGS)

lint: setup-small
	@tests/tools/lint

vermin: setup-small
	@tests/tools/vermin

completion: setup-small
	@.venv/bin/python rpm/write-completion

release: setup-small
	@tests/tools/packages rpmbuild rpmsign gpg createrepo_c mandoc dpkg-buildpackage dh dh_python3
	@tests/tools/mkdocs --set-up
	@release/build $(RELEASE_ARGS)

reproducible: setup-small
	@tests/tools/packages rpmbuild rpmsign gpg createrepo_c mandoc dpkg-buildpackage dh dh_python3 faketime
	@tests/tools/mkdocs --set-up
	@release/reproducible

keep-release: setup-small
	@tests/tools/packages nft
	@tests/tools/world .venv/bin/python tests/tools/keep-release

# What is missing afterwards is skipped, and the bench says so.
bench: setup-small
	@tests/tools/packages cc cni ovs-vswitchd podman plotnetcfg
	@if python=$$(tests/tools/find-python2.7); then tests/tools/python2.7 "$$python"; fi
	@bench/run $(BENCH_ARGS)

rpm:
	@rpm/build $(RPM_ARGS)

srpm:
	@rpm/build --source

# RPM_BINDING_PYTHON: the Python of another environment.
rpm-binding: setup-small
	@tests/tools/packages python3-rpm
	@rpm/binding $(RPM_BINDING_PYTHON)

deb:
	@tests/tools/packages python dpkg-buildpackage dh dh_python3 mandoc
	@debian/build $(DEB_ARGS)

repo:
	@tests/tools/packages rpmbuild rpmsign gpg createrepo_c
	@repo/build

el6:
	@tests/tools/packages debootstrap rpmbuild rpmsign gpg createrepo_c
	@tests/el6/build
	@if docker version >/dev/null 2>&1; then tests/el6/build image; else echo 'no Docker runs here: no image'; fi

ifdef VIA
acceptance:
	@tests/acceptance/via $(VIA)
else ifdef HOST
acceptance:
	@tests/acceptance/over-ssh '$(HOST)'
else
acceptance:
	@tests/tools/packages debootstrap rpmbuild rpmsign gpg createrepo_c
	@tests/el6/acceptance
endif

clean:
	rm -rf .venv .venv26 .venv27 .venv-ansible .venv-docs .venv-newest build dist .ruff_cache .hypothesis src/netnsctl.egg-info
	find . -path ./.git -prune -o '(' -name __pycache__ -o -name .pytest_cache -o -name .cache ')' -prune -exec rm -rf {} + \
		-o -name '*.pyc' -exec rm -f {} +
