runbook release, "Release" do
  note "x"
end
end
#^^ RB0019 this `end` closes nothing
# help: take it out, or write the `do` that it was meant for
