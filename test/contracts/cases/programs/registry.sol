// SPDX-License-Identifier: Apache-2.0
// Names for a time, with owners, records and renewal.
pragma solidity ^0.8.27;

contract Registry {
    struct Entry {
        address owner;
        uint64 expires;
        mapping(string => string) records;
        uint32 version;
    }

    mapping(bytes32 => Entry) private entries;
    uint256 public constant PERIOD = 365 days;

    event Registered(string name, address indexed owner, uint64 expires);
    event RecordSet(bytes32 indexed name, string indexed key, string value);
    error Taken(string name, uint64 until);
    error BadName(string name);

    function register(string calldata name) external returns (bytes32 id) {
        bytes calldata b = bytes(name);
        if (b.length < 3 || b.length > 20) revert BadName(name);
        for (uint256 i = 0; i < b.length; i++) {
            bytes1 c = b[i];
            if (!(c >= "a" && c <= "z") && !(c >= "0" && c <= "9") && c != "-") revert BadName(name);
        }
        id = keccak256(b);
        Entry storage entry = entries[id];
        if (entry.expires > block.timestamp && entry.owner != msg.sender) revert Taken(name, entry.expires);
        entry.owner = msg.sender;
        entry.expires = uint64(block.timestamp + PERIOD);
        entry.version++;
        emit Registered(name, msg.sender, entry.expires);
    }

    function key(string memory k, uint32 version) private pure returns (string memory) {
        return string.concat(k, "@", string(abi.encodePacked(version)));
    }

    function set(string calldata name, string calldata k, string calldata value) external {
        bytes32 id = keccak256(bytes(name));
        Entry storage entry = entries[id];
        require(entry.owner == msg.sender && block.timestamp < entry.expires, "not yours");
        entry.records[key(k, entry.version)] = value;
        emit RecordSet(id, k, value);
    }

    function get(string calldata name, string calldata k) external view returns (string memory value, address owner) {
        Entry storage entry = entries[keccak256(bytes(name))];
        value = entry.records[key(k, entry.version)];
        owner = entry.expires > block.timestamp ? entry.owner : address(0);
    }
}
