contarct A { }
contract B {
    fucntion f() public { }
    modifer m() { _; }
    evnet E(uint256 x);
    function g() public { }
}
