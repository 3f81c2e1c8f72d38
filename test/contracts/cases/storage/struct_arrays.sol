// SPDX-License-Identifier: Apache-2.0
// Arrays of structs: push of values, removal from the middle, search, fields changed in place.
pragma solidity ^0.8.27;

contract StructArrays {
    struct Task {
        string title;
        uint32 priority;
        bool done;
        address owner;
    }

    Task[] public tasks;

    error NoTask(uint256 index);

    function add(string calldata title, uint32 priority) external {
        tasks.push(Task({title: title, priority: priority, done: false, owner: msg.sender}));
    }

    function finish(uint256 i) external {
        if (i >= tasks.length) revert NoTask(i);
        Task storage task = tasks[i];
        require(task.owner == msg.sender && !task.done);
        task.done = true;
    }

    function remove(uint256 i) external {
        for (uint256 j = i; j + 1 < tasks.length; j++) tasks[j] = tasks[j + 1];
        tasks.pop();
    }

    function urgent() external view returns (string memory title, uint32 best) {
        for (uint256 i = 0; i < tasks.length; i++) {
            Task memory task = tasks[i];
            if (!task.done && task.priority > best) (title, best) = (task.title, task.priority);
        }
    }

    function all() external view returns (Task[] memory) {
        return tasks;
    }
}
