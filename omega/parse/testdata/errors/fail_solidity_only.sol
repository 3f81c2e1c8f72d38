contract A {
    function f() public {
        let a = 1;
        @ i in 0 { }
        g(x => x);
        g(.a: 1);
    }
    function g<T>(T x) public { }
    (uint256, bool) x;
}
x = 5;
