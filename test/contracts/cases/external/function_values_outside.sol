// SPDX-License-Identifier: Apache-2.0
// refuses: cosmos: a call of another contract
// refuses: solana: a call of another contract
// refuses: move: a call of another contract
// Values of external function types: an address and a selector. Stored, compared, handed on, encoded, called with options, tried.
pragma solidity ^0.8.27;

contract ExternalFunctionValues {
    struct Job { uint8 before; function (uint256) external returns (uint256) run; uint8 behind; }

    uint8 small = 7;
    function (uint256) external view returns (uint256) kept;
    function () external payable paid;
    function (uint256) external returns (uint256)[] list;
    mapping(uint256 => Job) jobs;
    function (uint256[] memory, string memory) external pure returns (string memory, uint256) public texts = this.text;
    uint256 public total;

    function double(uint256 x) public view returns (uint256) { return 2 * x + total; }
    function add(uint256 x) public returns (uint256) { return total += x; }
    function fails(uint256 x) external pure returns (uint256) { require(x == 0, "not zero"); return x; }
    function text(uint256[] calldata xs, string calldata s) external pure returns (string memory, uint256) { return (string.concat(s, "!"), xs.length); }
    function pay() external payable { total += msg.value; }

    function keep(bool is_double) external returns (bool, bytes4, bool, uint8) {
        kept = is_double ? this.double : this.fails;
        return (kept == this.double, kept.selector, kept.address == address(this), small);
    }

    function run(uint256 x) external view returns (uint256) { return kept(x); }

    function never() external view returns (uint256) {
        function (uint256) external view returns (uint256) f;
        return f(1);
    }

    function apply_to(function (uint256) external returns (uint256) f, uint256 x) public returns (uint256) { return f(x); }

    function higher(uint256 x) external returns (uint256, uint256) { return (apply_to(this.add, x), this.apply_to(this.add, x)); }

    function pushes(uint256 x) external returns (uint256 sum, uint256 length) {
        list.push(this.add);
        list.push(this.double);
        jobs[x] = Job(1, list[1], 2);
        list.push(jobs[x].run);
        for (uint256 i = 0; i < list.length; ++i) sum += list[i](x);
        delete list[0];
        length = list.length + jobs[x].before + jobs[x].behind;
        if (list[0] == list[1] || list[1] != list[2]) length = 0;
    }

    function encodes(uint256 x) external returns (bytes memory, bytes memory, uint256, uint256) {
        function (uint256) external returns (uint256) f = this.add;
        uint256 y = abi.encode(f, x).length + x;
        bytes memory packed = abi.encodePacked(f.selector, y);
        (bool done, bytes memory back) = f.address.call(abi.encodeCall(f, (y + 1)));
        require(done && f.address == address(this));
        return (packed, abi.encodeWithSelector(f.selector, y), abi.decode(back, (uint256)), abi.encodePacked(f).length);
    }

    function pays() external payable returns (uint256, uint256) {
        paid = this.pay;
        paid{value: 3, gas: 100000}();
        function () external f = paid;
        f();
        return (total, address(this).balance);
    }

    function tries(uint256 x) external returns (string memory) {
        function (uint256) external returns (uint256) f = this.fails;
        try f(x) returns (uint256 y) { return y == 0 ? "zero" : "?"; } catch Error(string memory why) { return why; }
    }

    function reads() external view returns (string memory, uint256) {
        uint256[] memory xs = new uint256[](3);
        return texts(xs, "hey");
    }

    function getter() external view returns (uint256) {
        function () external view returns (uint256) g = this.total;
        return g();
    }

    function many() external returns (uint256) {
        function (uint256) external returns (uint256)[2] memory both = [this.add, this.fails];
        return both[0](10);
    }
}
