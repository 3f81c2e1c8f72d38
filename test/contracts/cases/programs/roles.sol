// SPDX-License-Identifier: Apache-2.0
// Roles with admins, granted, revoked and given up.
pragma solidity ^0.8.27;

contract Roles {
    struct Role {
        mapping(address => bool) members;
        bytes32 admin;
    }

    bytes32 public constant DEFAULT_ADMIN = 0x00;
    bytes32 public constant WRITER = keccak256("WRITER");
    bytes32 public constant EDITOR = keccak256("EDITOR");
    mapping(bytes32 => Role) private roles;
    string public text;

    error Missing(address account, bytes32 role);
    error BadConfirmation();
    event Granted(bytes32 indexed role, address indexed account, address indexed sender);
    event Revoked(bytes32 indexed role, address indexed account, address indexed sender);

    constructor() {
        _grant(DEFAULT_ADMIN, msg.sender);
        roles[WRITER].admin = EDITOR;
    }

    modifier onlyRole(bytes32 role) {
        _check(role);
        _;
    }

    function _check(bytes32 role) internal view {
        if (!hasRole(role, msg.sender)) revert Missing(msg.sender, role);
    }

    function hasRole(bytes32 role, address who) public view returns (bool) {
        return roles[role].members[who];
    }

    function grant(bytes32 role, address who) external onlyRole(roles[role].admin) returns (bool) {
        return _grant(role, who);
    }

    function _grant(bytes32 role, address who) private returns (bool) {
        if (hasRole(role, who)) return false;
        roles[role].members[who] = true;
        emit Granted(role, who, msg.sender);
        return true;
    }

    function revoke(bytes32 role, address who) public onlyRole(roles[role].admin) returns (bool) {
        return _revoke(role, who);
    }

    function giveUp(bytes32 role, address confirmation) external {
        if (confirmation != msg.sender) revert BadConfirmation();
        _revoke(role, confirmation);
    }

    function _revoke(bytes32 role, address who) private returns (bool had) {
        had = hasRole(role, who);
        if (had) {
            delete roles[role].members[who];
            emit Revoked(role, who, msg.sender);
        }
    }

    function write(string calldata x) external onlyRole(WRITER) {
        text = x;
    }
}
