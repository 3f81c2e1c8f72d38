// SPDX-License-Identifier: Apache-2.0
// Contracts and interfaces as values: in state, keys, structs, events, comparison, conversion.
pragma solidity ^0.8.27;

interface IToken {
    function transfer(address to, uint256 value) external returns (bool);
}

interface INamed {
    function name() external view returns (string memory);
}

contract ContractTypes is INamed {
    struct Pool {
        IToken token;
        uint96 share;
    }

    IToken public token;
    Pool[] public pools;
    mapping(IToken => uint256) public weights;
    string public name = "types";

    event Added(IToken indexed token, INamed owner, uint96 share);

    function add(IToken t, uint96 share) external returns (uint256) {
        token = t;
        pools.push(Pool(t, share));
        weights[t] += share;
        emit Added(t, INamed(msg.sender), share);
        return pools.length;
    }

    function compare(IToken x, address y) external view returns (bool, bool, bool, bool) {
        return (x == token, address(x) == y, x == IToken(y), token == IToken(address(0)));
    }

    function convert(address payable x) external pure returns (address, IToken, uint160) {
        return (x, IToken(x), uint160(address(IToken(x))));
    }

    function own() external view returns (bool, bool) {
        return (address(this) == address(INamed(this)), INamed(address(this)) == this);
    }
}
