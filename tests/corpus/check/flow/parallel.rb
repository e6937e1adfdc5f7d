# What branches that run at once may not do to each other.
runbook t, "T" do
  source prod, scrape: "http://a.example/metrics"
  slo ok, "OK", from: prod do
    value ratio bad: 'r_total{status="500"}', total: 'r_total'
    unit percent
    target >= 98.pct
  end
  sh read: "uname", timeout: 5.s, as: system

  parallel do
    branch one, "One" do
      sh read: "one", timeout: 5.s, as: first
#                                       ----- RB0113 bound here
#                                       ----- RB0102 first here
      ask word, string, "A word"
#         ---- RB0113 bound here
      note "#{system.out} #{first.out}"
      step inner, "Inner" do
#          ----- RB0113 bound here
        note word
      end
    end
    branch two, "Two" do
      note "read: #{first.out}"
#                   ^^^^^ RB0113 another branch, which runs at the same time, binds `first`
# help: read `first` behind the `parallel`, where all branches have ended
      assert !assigned(word), "asked about"
#             ^^^^^^^^^^^^^^ RB0113 another branch, which runs at the same time, binds `word`
# help: read `word` behind the `parallel`, where all branches have ended
      assert inner.verdict != pass, "how far it is"
#            ^^^^^ RB0113 another branch, which runs at the same time, binds `inner`
# help: read `inner` behind the `parallel`, where all branches have ended
      run reads
      sh read: "two", timeout: 5.s, as: first
#                                       ^^^^^ RB0102 the name `first` is declared twice
# help: a name is bound at one place; take another one
    end
  end
  note "#{first.out} #{word} #{inner.took}"

  parallel do
    branch sometimes, "Sometimes" do
      if system.out == "Linux"
        sh read: "three", timeout: 5.s, as: third
#                                           ----- RB0103 a path leads around this
      end
    end
    branch never, "Never", if: system.out == "Linux" do
      ask fourth, string, "A word"
#         ------ RB0103 a path leads around this
    end
  end
  note "#{third.out} #{fourth}"
#         ^^^^^ RB0103 `third` may not be assigned here
# help: ask `assigned(third)` first, or bind it on every path that leads here
#                      ^^^^^^ RB0103 `fourth` may not be assigned here
# help: ask `assigned(fourth)` first, or bind it on every path that leads here

  parallel do
    branch writes, "Writes" do
      sh "write"
#     ^^^^^^^^^^ RB0412 this changes something, and nothing says how it is taken back
# help: put it into a step with its undo: `undo sh: "…"`, `undo do … end`, `undo manual: "…"`, or `undo none, because: "…"`
#     ---------- RB0411 another branch may have done this before
    end
    branch checks, "Checks" do
      precheck early, "Early" do
#     ^^^^^^^^^^^^^^^^^^^^^^^ RB0411 a precheck stands before any write
# help: put the precheck before the `parallel`; `verify` is the same anywhere
        sh read: "check", timeout: 5.s
      end
    end
  end

  verify reads_only, "Reads only" do
    parallel do
      branch a, "A" do
        sh read: "check", timeout: 5.s
      end
      branch b, "B" do
        sh "write"
#       ^^^^^^^^^^ RB0410 only reads may stand in a `precheck` or `verify`
# help: write `sh read: "…"` if it only looks; move it into a step if it changes something
      end
    end
  end

  parallel do
    branch c, "C" do
      run observes
#     ------------ RB0509 another branch takes it here
      run ends
#     ^^^^^^^^ RB0509 a point of no return cannot stand in a branch
# help: the other branches may still need their way back: put it behind the `parallel`
    end
    branch d, "D" do
      run observes
#     ^^^^^^^^^^^^ RB0509 an observation cannot be taken twice at once
# help: write the observation into each branch: each has its own grid, samples and rules
      no_return "Gone"
#     ^^^^^^^^^^^^^^^^ RB0509 a point of no return cannot stand in a branch
# help: the other branches may still need their way back: put it behind the `parallel`
    end
  end

  parallel do
    branch e, "E" do
      step armed, "Armed" do
        undo sh: "back"
        sh "there"
      end
    end
    branch f, "F" do
      settles armed
#     ^^^^^^^^^^^^^ RB0509 this drops an undo that another branch may not have armed yet
# help: put it behind the `parallel`
    end
  end

  parallel do
# ^^^^^^^^ RB0316 warning: a `parallel` with one branch runs nothing at once
    note "no branch"
#   ^^^^^^^^^^^^^^^^ RB0302 `note` cannot stand in a `parallel`
# help: it stands directly in the runbook, or in a step, scenario or other block of steps, or in a `precheck` or `verify`
    branch only, "Only" do
      note "alone"
    end
  end
  branch loose, "Loose" do
# ^^^^^^^^^^^^^^^^^^^^^ RB0302 `branch` cannot stand directly in the runbook
# help: it stands in a `parallel`
    note "not in a parallel"
  end
  parallel do
    branch g, "G" do
      abort because: "over"
    end
    branch h, "H" do
      note "never mind"
    end
  end
  note "not reached"
# ^^^^^^^^^^^^^^^^^^ RB0108 no path leads here
# help: what stands before it never goes on: `rollback`, `abort` and `finish` end the path

  scenario reads, "Reads" do
    note "#{word}"
  end
  scenario observes, "Observes" do
    sample prod, every: 1.min, count: 2, as: series
#   ----------------------------------------------- RB0509 the observation
  end
  scenario ends, "Ends" do
    no_return "Also gone"
#   --------------------- RB0509 it stands here
  end
end
