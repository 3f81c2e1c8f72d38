// SPDX-License-Identifier: Apache-2.0
// A doubly linked list by ids.
pragma solidity ^0.8.27;

contract LinkedList {
    struct Node {
        uint64 previous;
        uint64 next;
        string text;
    }

    mapping(uint64 => Node) private nodes;
    uint64 private lastId;
    uint64 public length;

    error NoNode(uint64 id);

    function insertAfter(uint64 at, string calldata text) public returns (uint64 id) {
        if (at != 0 && (at > lastId || bytes(nodes[at].text).length == 0)) revert NoNode(at);
        id = ++lastId;
        uint64 next = nodes[at].next;
        nodes[id] = Node(at, next, text);
        nodes[at].next = id;
        nodes[next].previous = id;
        length++;
    }

    function append(string calldata text) external returns (uint64) {
        return insertAfter(nodes[0].previous, text);
    }

    function remove(uint64 id) external returns (string memory text) {
        Node memory node = nodes[id];
        text = node.text;
        if (id == 0 || bytes(text).length == 0) revert NoNode(id);
        nodes[node.previous].next = node.next;
        nodes[node.next].previous = node.previous;
        delete nodes[id];
        length--;
    }

    function all(bool backwards) external view returns (string[] memory texts) {
        texts = new string[](length);
        uint64 at = 0;
        for (uint256 i = 0; i < texts.length; i++) {
            at = backwards ? nodes[at].previous : nodes[at].next;
            texts[i] = nodes[at].text;
        }
    }
}
