runbook release, "Release" do
  step compile, "Compile" do
# -------------------------- RB0020 closed by it
    sh "make"
    end
#   ^^^ RB0020 warning: this `end` closes `step compile` of line 2, but does not stand under it
# help: `runbook fmt` puts every line where it belongs; look whether an `end` is missing or too much
  each host, in: hosts do
# ----------------------- RB0020 closed by it
    sh "ping #{host}"
end
#^^ RB0020 warning: this `end` closes `each host` of line 5, but does not stand under it
# help: `runbook fmt` puts every line where it belongs; look whether an `end` is missing or too much
end
