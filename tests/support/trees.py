"""Trees of the config that several tests of up and down use."""
from __future__ import absolute_import, division, print_function


PAIR = {'a/ifcfg-A': 'IPADDR=10.1.1.1\nPREFIX=32\nPEER=B\nPEER_NETNS=b\n',
        'b/ifcfg-B': 'IPADDR=10.1.1.2\nPREFIX=32\nPEER=A\nPEER_NETNS=a\n'}
HOST_SIDE = {'a/ifcfg-e': 'PEER=pa\nIPADDR=10.2.0.1\nPREFIX=24\n'}


def nothing_to_do(host):
    """A second up changes nothing, and config check agrees."""
    result = host('up')
    assert result.status == 0 and result.out.startswith('nothing to do'), result
    check = host('config', 'check')
    assert check.status == 0, check


SHARED = {'host/ifcfg-br0': 'TYPE=Bridge\nIPADDR=10.0.0.1\nPREFIX=24\n',
          'a/ifcfg-e': 'BRIDGE=br0\nIPADDR=10.0.0.2\nPREFIX=24\n',
          'b/ifcfg-e': 'BRIDGE=br0\nIPADDR=10.0.0.3\nPREFIX=24\n'}
