# Nothing stands where no path leads.
runbook unreachable, "Unreachable" do
  sh read: "hostname", as: name_of
  if name_of.out == "a"
    abort because: "not this one"
    note "never said"
#   ^^^^^^^^^^^^^^^^^ RB0108 no path leads here
# help: what stands before it never goes on: `rollback`, `abort` and `finish` end the path
  end

  decide go, "Go on?" do
    option yes, "Yes" do
      rollback because: "asked to"
    end
    option no, "No" do
      finish because: "nothing to do"
    end
  end
  note "never said"
# ^^^^^^^^^^^^^^^^^ RB0108 no path leads here
# help: what stands before it never goes on: `rollback`, `abort` and `finish` end the path
  note "nor this"

  section last, "Last" do
    note "nor this, but it is said once"
  end
end
