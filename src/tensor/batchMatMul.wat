;; Products of stacks of small float32 matrices, straight on the heap of tfjs's wasm backend: out[g] = a[g] b[g] for every g,
;; `a[g]` m by k, `b[g]` k by n, each or the other as the transpose of what lies in memory.
;;
;; A block of the product, four rows by eight (or four) columns, stays in registers while all of k passes by. A column's sums grow
;; in the order of k, one product at a time, whichever block they lie in: the same matrices always give the same bits.
;; Blocks that would stick out begin earlier instead, or take the last row several times: they compute again what is there.
;;
;; All steps are in bytes from an element to its neighbour: to the next matrix, row or column. Rows of `b` and of `out` lie without
;; gaps in them, elements of `a` anyhow.
(module
  ;; The importing side's memory; scripts/wat.mjs makes a second variant of this line for a shared one.
  (import "env" "memory" (memory 1))

  (func $min (param $x i32) (param $y i32) (result i32)
    (select (local.get $x) (local.get $y) (i32.lt_u (local.get $x) (local.get $y))))

  ;; out[g] = a[g] b[g] for g < count. m, k and count may be 0, n is at least 4.
  ;; With a scratch (k times 32 bytes), b[g] is the transpose of what lies at $b, n by k; without (0), it is what lies there.
  (func (export "multiply")
    (param $out i32) (param $a i32) (param $b i32) (param $scratch i32)
    (param $count i32) (param $m i32) (param $k i32) (param $n i32)
    (param $matrixA i32) (param $rowA i32) (param $columnA i32) (param $matrixB i32)
    (local $column i32) (local $first i32) (local $wide i32)
    (local $panel i32) (local $rowPanel i32) (local $rowOut i32)
    (local.set $rowOut (i32.shl (local.get $n) (i32.const 2)))
    (block $done
      (loop $matrices
        (br_if $done (i32.eqz (local.get $count)))
        (local.set $column (i32.const 0))
        (loop $columns
          ;; Eight columns where more than four are left, and so many exist.
          (local.set $wide
            (i32.and
              (i32.ge_u (local.get $n) (i32.const 8))
              (i32.gt_u (i32.sub (local.get $n) (local.get $column)) (i32.const 4))))
          (local.set $first
            (call $min
              (local.get $column)
              (i32.sub (local.get $n) (select (i32.const 8) (i32.const 4) (local.get $wide)))))
          (if (local.get $scratch)
            (then
              (local.set $panel (local.get $scratch))
              (local.set $rowPanel (select (i32.const 32) (i32.const 16) (local.get $wide)))
              (call $transpose
                (local.get $panel) (local.get $rowPanel)
                (i32.add
                  (local.get $b)
                  (i32.shl (i32.mul (local.get $first) (local.get $k)) (i32.const 2)))
                (local.get $k))
              (if (local.get $wide)
                (then
                  (call $transpose
                    (i32.add (local.get $panel) (i32.const 16)) (local.get $rowPanel)
                    (i32.add
                      (local.get $b)
                      (i32.shl
                        (i32.mul (i32.add (local.get $first) (i32.const 4)) (local.get $k))
                        (i32.const 2)))
                    (local.get $k)))))
            (else
              (local.set $panel
                (i32.add (local.get $b) (i32.shl (local.get $first) (i32.const 2))))
              (local.set $rowPanel (local.get $rowOut))))
          (if (local.get $wide)
            (then
              (call $eight
                (i32.add (local.get $out) (i32.shl (local.get $first) (i32.const 2)))
                (local.get $rowOut) (local.get $a) (local.get $rowA) (local.get $columnA)
                (local.get $panel) (local.get $rowPanel) (local.get $m) (local.get $k)))
            (else
              (call $four
                (i32.add (local.get $out) (i32.shl (local.get $first) (i32.const 2)))
                (local.get $rowOut) (local.get $a) (local.get $rowA) (local.get $columnA)
                (local.get $panel) (local.get $rowPanel) (local.get $m) (local.get $k))))
          (local.set $column
            (i32.add
              (local.get $column)
              (select (i32.const 8) (i32.const 4) (local.get $wide))))
          (br_if $columns (i32.lt_u (local.get $column) (local.get $n))))
        (local.set $a (i32.add (local.get $a) (local.get $matrixA)))
        (local.set $b (i32.add (local.get $b) (local.get $matrixB)))
        (local.set $out
          (i32.add (local.get $out) (i32.mul (local.get $m) (local.get $rowOut))))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $matrices))))

  ;; Four rows of k elements at $from become k rows of four elements at $to.
  (func $transpose (param $to i32) (param $rowTo i32) (param $from i32) (param $k i32)
    (local $row i32) (local $second i32) (local $third i32) (local $fourth i32)
    (local.set $row (i32.shl (local.get $k) (i32.const 2)))
    (local.set $second (i32.add (local.get $from) (local.get $row)))
    (local.set $third (i32.add (local.get $second) (local.get $row)))
    (local.set $fourth (i32.add (local.get $third) (local.get $row)))
    (block $done
      (loop $along
        (br_if $done (i32.eqz (local.get $k)))
        (v128.store
          (local.get $to)
          (v128.load32_lane 3 (local.get $fourth)
            (v128.load32_lane 2 (local.get $third)
              (v128.load32_lane 1 (local.get $second)
                (v128.load32_zero (local.get $from))))))
        (local.set $to (i32.add (local.get $to) (local.get $rowTo)))
        (local.set $from (i32.add (local.get $from) (i32.const 4)))
        (local.set $second (i32.add (local.get $second) (i32.const 4)))
        (local.set $third (i32.add (local.get $third) (i32.const 4)))
        (local.set $fourth (i32.add (local.get $fourth) (i32.const 4)))
        (local.set $k (i32.sub (local.get $k) (i32.const 1)))
        (br $along))))

  ;; Eight columns of all m rows of a product: those of `a` by k rows of eight elements at $panel.
  (func $eight
    (param $out i32) (param $rowOut i32) (param $a i32) (param $rowA i32) (param $columnA i32)
    (param $panel i32) (param $rowPanel i32) (param $m i32) (param $k i32)
    (local $row i32) (local $r1 i32) (local $r2 i32) (local $r3 i32) (local $last i32)
    (local $p0 i32) (local $p1 i32) (local $p2 i32) (local $p3 i32)
    (local $b i32) (local $left i32)
    (local $x v128) (local $b0 v128) (local $b1 v128)
    (local $s00 v128) (local $s01 v128) (local $s10 v128) (local $s11 v128)
    (local $s20 v128) (local $s21 v128) (local $s30 v128) (local $s31 v128)
    (local.set $last (i32.sub (local.get $m) (i32.const 1)))
    (block $done
      (loop $rows
        (br_if $done (i32.ge_u (local.get $row) (local.get $m)))
        (local.set $r1 (call $min (i32.add (local.get $row) (i32.const 1)) (local.get $last)))
        (local.set $r2 (call $min (i32.add (local.get $row) (i32.const 2)) (local.get $last)))
        (local.set $r3 (call $min (i32.add (local.get $row) (i32.const 3)) (local.get $last)))
        (local.set $p0 (i32.add (local.get $a) (i32.mul (local.get $row) (local.get $rowA))))
        (local.set $p1 (i32.add (local.get $a) (i32.mul (local.get $r1) (local.get $rowA))))
        (local.set $p2 (i32.add (local.get $a) (i32.mul (local.get $r2) (local.get $rowA))))
        (local.set $p3 (i32.add (local.get $a) (i32.mul (local.get $r3) (local.get $rowA))))
        (local.set $s00 (v128.const f32x4 0 0 0 0))
        (local.set $s01 (v128.const f32x4 0 0 0 0))
        (local.set $s10 (v128.const f32x4 0 0 0 0))
        (local.set $s11 (v128.const f32x4 0 0 0 0))
        (local.set $s20 (v128.const f32x4 0 0 0 0))
        (local.set $s21 (v128.const f32x4 0 0 0 0))
        (local.set $s30 (v128.const f32x4 0 0 0 0))
        (local.set $s31 (v128.const f32x4 0 0 0 0))
        (local.set $b (local.get $panel))
        (local.set $left (local.get $k))
        (block $summed
          (br_if $summed (i32.eqz (local.get $k)))
          (loop $along
            (local.set $b0 (v128.load (local.get $b)))
            (local.set $b1 (v128.load offset=16 (local.get $b)))
            (local.set $x (v128.load32_splat (local.get $p0)))
            (local.set $s00
              (f32x4.add (local.get $s00) (f32x4.mul (local.get $x) (local.get $b0))))
            (local.set $s01
              (f32x4.add (local.get $s01) (f32x4.mul (local.get $x) (local.get $b1))))
            (local.set $x (v128.load32_splat (local.get $p1)))
            (local.set $s10
              (f32x4.add (local.get $s10) (f32x4.mul (local.get $x) (local.get $b0))))
            (local.set $s11
              (f32x4.add (local.get $s11) (f32x4.mul (local.get $x) (local.get $b1))))
            (local.set $x (v128.load32_splat (local.get $p2)))
            (local.set $s20
              (f32x4.add (local.get $s20) (f32x4.mul (local.get $x) (local.get $b0))))
            (local.set $s21
              (f32x4.add (local.get $s21) (f32x4.mul (local.get $x) (local.get $b1))))
            (local.set $x (v128.load32_splat (local.get $p3)))
            (local.set $s30
              (f32x4.add (local.get $s30) (f32x4.mul (local.get $x) (local.get $b0))))
            (local.set $s31
              (f32x4.add (local.get $s31) (f32x4.mul (local.get $x) (local.get $b1))))
            (local.set $p0 (i32.add (local.get $p0) (local.get $columnA)))
            (local.set $p1 (i32.add (local.get $p1) (local.get $columnA)))
            (local.set $p2 (i32.add (local.get $p2) (local.get $columnA)))
            (local.set $p3 (i32.add (local.get $p3) (local.get $columnA)))
            (local.set $b (i32.add (local.get $b) (local.get $rowPanel)))
            (br_if $along
              (local.tee $left (i32.sub (local.get $left) (i32.const 1))))))
        (local.set $p0 (i32.add (local.get $out) (i32.mul (local.get $row) (local.get $rowOut))))
        (local.set $p1 (i32.add (local.get $out) (i32.mul (local.get $r1) (local.get $rowOut))))
        (local.set $p2 (i32.add (local.get $out) (i32.mul (local.get $r2) (local.get $rowOut))))
        (local.set $p3 (i32.add (local.get $out) (i32.mul (local.get $r3) (local.get $rowOut))))
        (v128.store (local.get $p0) (local.get $s00))
        (v128.store offset=16 (local.get $p0) (local.get $s01))
        (v128.store (local.get $p1) (local.get $s10))
        (v128.store offset=16 (local.get $p1) (local.get $s11))
        (v128.store (local.get $p2) (local.get $s20))
        (v128.store offset=16 (local.get $p2) (local.get $s21))
        (v128.store (local.get $p3) (local.get $s30))
        (v128.store offset=16 (local.get $p3) (local.get $s31))
        (local.set $row (i32.add (local.get $row) (i32.const 4)))
        (br $rows))))

  ;; The same for four columns.
  (func $four
    (param $out i32) (param $rowOut i32) (param $a i32) (param $rowA i32) (param $columnA i32)
    (param $panel i32) (param $rowPanel i32) (param $m i32) (param $k i32)
    (local $row i32) (local $r1 i32) (local $r2 i32) (local $r3 i32) (local $last i32)
    (local $p0 i32) (local $p1 i32) (local $p2 i32) (local $p3 i32)
    (local $b i32) (local $left i32)
    (local $x v128) (local $y v128)
    (local $s0 v128) (local $s1 v128) (local $s2 v128) (local $s3 v128)
    (local.set $last (i32.sub (local.get $m) (i32.const 1)))
    (block $done
      (loop $rows
        (br_if $done (i32.ge_u (local.get $row) (local.get $m)))
        (local.set $r1 (call $min (i32.add (local.get $row) (i32.const 1)) (local.get $last)))
        (local.set $r2 (call $min (i32.add (local.get $row) (i32.const 2)) (local.get $last)))
        (local.set $r3 (call $min (i32.add (local.get $row) (i32.const 3)) (local.get $last)))
        (local.set $p0 (i32.add (local.get $a) (i32.mul (local.get $row) (local.get $rowA))))
        (local.set $p1 (i32.add (local.get $a) (i32.mul (local.get $r1) (local.get $rowA))))
        (local.set $p2 (i32.add (local.get $a) (i32.mul (local.get $r2) (local.get $rowA))))
        (local.set $p3 (i32.add (local.get $a) (i32.mul (local.get $r3) (local.get $rowA))))
        (local.set $s0 (v128.const f32x4 0 0 0 0))
        (local.set $s1 (v128.const f32x4 0 0 0 0))
        (local.set $s2 (v128.const f32x4 0 0 0 0))
        (local.set $s3 (v128.const f32x4 0 0 0 0))
        (local.set $b (local.get $panel))
        (local.set $left (local.get $k))
        (block $summed
          (br_if $summed (i32.eqz (local.get $k)))
          (loop $along
            (local.set $y (v128.load (local.get $b)))
            (local.set $x (v128.load32_splat (local.get $p0)))
            (local.set $s0
              (f32x4.add (local.get $s0) (f32x4.mul (local.get $x) (local.get $y))))
            (local.set $x (v128.load32_splat (local.get $p1)))
            (local.set $s1
              (f32x4.add (local.get $s1) (f32x4.mul (local.get $x) (local.get $y))))
            (local.set $x (v128.load32_splat (local.get $p2)))
            (local.set $s2
              (f32x4.add (local.get $s2) (f32x4.mul (local.get $x) (local.get $y))))
            (local.set $x (v128.load32_splat (local.get $p3)))
            (local.set $s3
              (f32x4.add (local.get $s3) (f32x4.mul (local.get $x) (local.get $y))))
            (local.set $p0 (i32.add (local.get $p0) (local.get $columnA)))
            (local.set $p1 (i32.add (local.get $p1) (local.get $columnA)))
            (local.set $p2 (i32.add (local.get $p2) (local.get $columnA)))
            (local.set $p3 (i32.add (local.get $p3) (local.get $columnA)))
            (local.set $b (i32.add (local.get $b) (local.get $rowPanel)))
            (br_if $along
              (local.tee $left (i32.sub (local.get $left) (i32.const 1))))))
        (local.set $p0 (i32.add (local.get $out) (i32.mul (local.get $row) (local.get $rowOut))))
        (local.set $p1 (i32.add (local.get $out) (i32.mul (local.get $r1) (local.get $rowOut))))
        (local.set $p2 (i32.add (local.get $out) (i32.mul (local.get $r2) (local.get $rowOut))))
        (local.set $p3 (i32.add (local.get $out) (i32.mul (local.get $r3) (local.get $rowOut))))
        (v128.store (local.get $p0) (local.get $s0))
        (v128.store (local.get $p1) (local.get $s1))
        (v128.store (local.get $p2) (local.get $s2))
        (v128.store (local.get $p3) (local.get $s3))
        (local.set $row (i32.add (local.get $row) (i32.const 4)))
        (br $rows))))
)
