contract A {
    uint256 x
    function f() public {
        x = 1
        x = 2;
        return
    }
}
