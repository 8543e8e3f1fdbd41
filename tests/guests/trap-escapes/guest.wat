;; Breaks in functions whose names would repaint the operator's terminal.
(func $one (@name "\1b[2J\1b[31mred\1b]0;owned\07\n2026 INFO forged") unreachable)
(func $two (@name "\c2\9b1mbold \e2\80\aeesrever\00\7f\e2\80\a8") (call $one))
(func $three (@name "_ZN4core\1b[31m9panicking9panic_fmt17h0123456789abcdefE") (call $two))
(func $evaluate (param $profile i32) (param $length i32) (result i32)
  (call $three)
  unreachable)
