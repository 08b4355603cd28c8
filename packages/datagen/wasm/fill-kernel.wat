;; Fills memory with unique, incompressible data at memory speed: a pool of random bytes, XORed per
;; 512-byte sector with a 16-byte key that is a hash of (seed, object, block, sector). And compares memory.
;; The definition of the content is in src/content.ts; tools/build-wasm.mjs turns this file into
;; src/gen/fill-kernel.ts.
(module
  (import "env" "memory" (memory 1))

  ;; Finaliser of splitmix64 (Steele, Lea, Flood 2014; constants of variant 13).
  (func $mix (param $z i64) (result i64)
    (local.set $z (i64.mul (i64.xor (local.get $z) (i64.shr_u (local.get $z) (i64.const 30))) (i64.const 0xbf58476d1ce4e5b9)))
    (local.set $z (i64.mul (i64.xor (local.get $z) (i64.shr_u (local.get $z) (i64.const 27))) (i64.const 0x94d049bb133111eb)))
    (i64.xor (local.get $z) (i64.shr_u (local.get $z) (i64.const 31))))

  (func $nth (param $seed i64) (param $n i64) (result i64)
    (call $mix (i64.add (local.get $seed) (i64.mul (i64.add (local.get $n) (i64.const 1)) (i64.const 0x9e3779b97f4a7c15)))))

  (func $join (param $low i32) (param $high i32) (result i64)
    (i64.or (i64.extend_i32_u (local.get $low)) (i64.shl (i64.extend_i32_u (local.get $high)) (i64.const 32))))

  ;; pool[n] = nth(seed, n), in 8-byte words
  (func (export "fillPool") (param $pool i32) (param $bytes i32) (param $seedLow i32) (param $seedHigh i32)
    (local $n i32) (local $seed i64)
    (local.set $seed (call $join (local.get $seedLow) (local.get $seedHigh)))
    (loop $words
      (i64.store (i32.add (local.get $pool) (i32.shl (local.get $n) (i32.const 3)))
        (call $nth (local.get $seed) (i64.extend_i32_u (local.get $n))))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $words (i32.lt_u (i32.shl (local.get $n) (i32.const 3)) (local.get $bytes)))))

  ;; Blocks of 4096 bytes: the first $randomBytes of each are data, the rest zeros.
  (func (export "fillBlocks")
    (param $dst i32) (param $blocks i32) (param $seedLow i32) (param $seedHigh i32)
    (param $object f64) (param $firstBlock f64) (param $randomBytes i32) (param $pool i32)
    (local $objectSeed i64) (local $block i64) (local $blockSeed i64)
    (local $sector i64) (local $left i32) (local $next i32)
    (local $a i64) (local $key v128) (local $src i32)
    (local.set $objectSeed
      (call $nth (call $join (local.get $seedLow) (local.get $seedHigh)) (i64.trunc_f64_u (local.get $object))))
    (local.set $block (i64.trunc_f64_u (local.get $firstBlock)))
    (block $done
      (loop $eachBlock
        (br_if $done (i32.eqz (local.get $blocks)))
        (local.set $blockSeed (call $nth (local.get $objectSeed) (local.get $block)))
        (local.set $next (i32.add (local.get $dst) (i32.const 4096)))
        ;; In steps of 16 bytes; what is too much becomes zeros below.
        (local.set $left (i32.and (i32.add (local.get $randomBytes) (i32.const 15)) (i32.const -16)))
        (local.set $sector (i64.const 0))
        (block $zeros
          (loop $eachSector
            (br_if $zeros (i32.eqz (local.get $left)))
            (local.set $a (call $nth (local.get $blockSeed) (local.get $sector)))
            (local.set $key (i64x2.replace_lane 1 (i64x2.splat (local.get $a))
              (call $nth (local.get $blockSeed) (i64.add (local.get $sector) (i64.const 1)))))
            (local.set $src (i32.add (local.get $pool)
              (i32.shl (i32.wrap_i64 (i64.shr_u (local.get $a) (i64.const 48))) (i32.const 4))))
            (local.set $sector (i64.add (local.get $sector) (i64.const 2)))
            (if (i32.ge_u (local.get $left) (i32.const 512))
              (then
            (v128.store offset=0 (local.get $dst) (v128.xor (v128.load offset=0 (local.get $src)) (local.get $key)))
            (v128.store offset=16 (local.get $dst) (v128.xor (v128.load offset=16 (local.get $src)) (local.get $key)))
            (v128.store offset=32 (local.get $dst) (v128.xor (v128.load offset=32 (local.get $src)) (local.get $key)))
            (v128.store offset=48 (local.get $dst) (v128.xor (v128.load offset=48 (local.get $src)) (local.get $key)))
            (v128.store offset=64 (local.get $dst) (v128.xor (v128.load offset=64 (local.get $src)) (local.get $key)))
            (v128.store offset=80 (local.get $dst) (v128.xor (v128.load offset=80 (local.get $src)) (local.get $key)))
            (v128.store offset=96 (local.get $dst) (v128.xor (v128.load offset=96 (local.get $src)) (local.get $key)))
            (v128.store offset=112 (local.get $dst) (v128.xor (v128.load offset=112 (local.get $src)) (local.get $key)))
            (v128.store offset=128 (local.get $dst) (v128.xor (v128.load offset=128 (local.get $src)) (local.get $key)))
            (v128.store offset=144 (local.get $dst) (v128.xor (v128.load offset=144 (local.get $src)) (local.get $key)))
            (v128.store offset=160 (local.get $dst) (v128.xor (v128.load offset=160 (local.get $src)) (local.get $key)))
            (v128.store offset=176 (local.get $dst) (v128.xor (v128.load offset=176 (local.get $src)) (local.get $key)))
            (v128.store offset=192 (local.get $dst) (v128.xor (v128.load offset=192 (local.get $src)) (local.get $key)))
            (v128.store offset=208 (local.get $dst) (v128.xor (v128.load offset=208 (local.get $src)) (local.get $key)))
            (v128.store offset=224 (local.get $dst) (v128.xor (v128.load offset=224 (local.get $src)) (local.get $key)))
            (v128.store offset=240 (local.get $dst) (v128.xor (v128.load offset=240 (local.get $src)) (local.get $key)))
            (v128.store offset=256 (local.get $dst) (v128.xor (v128.load offset=256 (local.get $src)) (local.get $key)))
            (v128.store offset=272 (local.get $dst) (v128.xor (v128.load offset=272 (local.get $src)) (local.get $key)))
            (v128.store offset=288 (local.get $dst) (v128.xor (v128.load offset=288 (local.get $src)) (local.get $key)))
            (v128.store offset=304 (local.get $dst) (v128.xor (v128.load offset=304 (local.get $src)) (local.get $key)))
            (v128.store offset=320 (local.get $dst) (v128.xor (v128.load offset=320 (local.get $src)) (local.get $key)))
            (v128.store offset=336 (local.get $dst) (v128.xor (v128.load offset=336 (local.get $src)) (local.get $key)))
            (v128.store offset=352 (local.get $dst) (v128.xor (v128.load offset=352 (local.get $src)) (local.get $key)))
            (v128.store offset=368 (local.get $dst) (v128.xor (v128.load offset=368 (local.get $src)) (local.get $key)))
            (v128.store offset=384 (local.get $dst) (v128.xor (v128.load offset=384 (local.get $src)) (local.get $key)))
            (v128.store offset=400 (local.get $dst) (v128.xor (v128.load offset=400 (local.get $src)) (local.get $key)))
            (v128.store offset=416 (local.get $dst) (v128.xor (v128.load offset=416 (local.get $src)) (local.get $key)))
            (v128.store offset=432 (local.get $dst) (v128.xor (v128.load offset=432 (local.get $src)) (local.get $key)))
            (v128.store offset=448 (local.get $dst) (v128.xor (v128.load offset=448 (local.get $src)) (local.get $key)))
            (v128.store offset=464 (local.get $dst) (v128.xor (v128.load offset=464 (local.get $src)) (local.get $key)))
            (v128.store offset=480 (local.get $dst) (v128.xor (v128.load offset=480 (local.get $src)) (local.get $key)))
            (v128.store offset=496 (local.get $dst) (v128.xor (v128.load offset=496 (local.get $src)) (local.get $key)))
                (local.set $dst (i32.add (local.get $dst) (i32.const 512)))
                (local.set $left (i32.sub (local.get $left) (i32.const 512))))
              (else
                (loop $rest
                  (v128.store (local.get $dst) (v128.xor (v128.load (local.get $src)) (local.get $key)))
                  (local.set $dst (i32.add (local.get $dst) (i32.const 16)))
                  (local.set $src (i32.add (local.get $src) (i32.const 16)))
                  (local.set $left (i32.sub (local.get $left) (i32.const 16)))
                  (br_if $rest (local.get $left)))))
            (br $eachSector)))
        (if (i32.lt_u (local.get $randomBytes) (i32.const 4096))
          (then (memory.fill
            (i32.add (i32.sub (local.get $next) (i32.const 4096)) (local.get $randomBytes))
            (i32.const 0)
            (i32.sub (i32.const 4096) (local.get $randomBytes)))))
        (local.set $dst (local.get $next))
        (local.set $block (i64.add (local.get $block) (i64.const 1)))
        (local.set $blocks (i32.sub (local.get $blocks) (i32.const 1)))
        (br $eachBlock))))

  ;; Offset of the first byte in which two pieces of memory differ, -1 when they are equal.
  (func (export "firstDifference") (param $a i32) (param $b i32) (param $bytes i32) (result i32)
    (local $at i32) (local $p i32) (local $q i32)
    (block $narrow
      (loop $wide
        (br_if $narrow (i32.gt_u (i32.add (local.get $at) (i32.const 64)) (local.get $bytes)))
        (local.set $p (i32.add (local.get $a) (local.get $at)))
        (local.set $q (i32.add (local.get $b) (local.get $at)))
        (br_if $narrow (v128.any_true (v128.or
          (v128.or
            (v128.xor (v128.load offset=0 (local.get $p)) (v128.load offset=0 (local.get $q)))
            (v128.xor (v128.load offset=16 (local.get $p)) (v128.load offset=16 (local.get $q))))
          (v128.or
            (v128.xor (v128.load offset=32 (local.get $p)) (v128.load offset=32 (local.get $q)))
            (v128.xor (v128.load offset=48 (local.get $p)) (v128.load offset=48 (local.get $q)))))))
        (local.set $at (i32.add (local.get $at) (i32.const 64)))
        (br $wide)))
    (loop $bytewise
      (if (i32.ge_u (local.get $at) (local.get $bytes)) (then (return (i32.const -1))))
      (if (i32.ne
            (i32.load8_u (i32.add (local.get $a) (local.get $at)))
            (i32.load8_u (i32.add (local.get $b) (local.get $at))))
        (then (return (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $bytewise))
    (unreachable))
)
