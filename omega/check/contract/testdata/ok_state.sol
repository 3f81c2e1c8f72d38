// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract State {
    enum Color { Red, Green, Blue }
    struct Point { uint128 x; uint128 y; }
    struct Account { uint256 id; Point[] points; mapping(uint256 => bytes32) notes; string label; Color color; }

    uint256[] public numbers = [1, 2, 3];
    uint8[4] public bytesOfFour;
    mapping(address => Account) public accounts;
    mapping(string => uint256) byName;
    Point public origin = Point(1, 2);
    bytes public data;
    Color public color = Color.Green;
    int64 public signedNumber = -5;
    bytes4 constant ID = 0x01ffc9a7;
    uint256 constant ONE = 1 ether + 2 gwei;
    bytes32 constant ROLE = keccak256("ROLE");
    bool flag;

    function push(uint256 n) external returns (uint256 length) {
        numbers.push(n);
        numbers.push() = n + 1;
        length = numbers.length;
    }

    function pop() external { numbers.pop(); }

    function edit(address who, string calldata label, uint128 x) external {
        Account storage account = accounts[who];
        account.id++;
        account.points.push(Point({x: x, y: 2}));
        account.points[0].y += x;
        account.label = label;
        account.notes[7] = bytes32(uint256(1));
        account.color = Color(uint8(x));
        byName[label] = account.points.length;
        Point memory copy = account.points[0];
        copy.x = 9;
        origin = copy;
        account.points[0] = origin;
        delete account.points[0];
        delete accounts[who].label;
        delete numbers;
    }

    function swap(uint256 i, uint256 j) public {
        (numbers[i], numbers[j]) = (numbers[j], numbers[i]);
    }

    function bytesAt(uint256 i, bytes1 b) external returns (bytes1) {
        data.push(b);
        data[i] = b;
        return data[i];
    }

    function read() external view returns (uint256[] memory, Point memory p, string memory s, uint8) {
        p = origin;
        s = accounts[msg.sender].label;
        return (numbers, p, s, bytesOfFour[3]);
    }
}
