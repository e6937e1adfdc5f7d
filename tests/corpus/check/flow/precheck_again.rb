# A precheck in what is repeated comes behind the writes of the pass before.
runbook again, "Again" do
  step one, "One" do
    undo none, because: "test"
    try 2 do
      precheck first, "First" do
#     ^^^^^^^^^^^^^^^^^^^^^^^ RB0411 a precheck stands before any write
# help: `verify` is the same anywhere
        assert 1 == 1, "one"
      end
      sh "change"
#     ----------- RB0411 this may have been done before
    end
  end
end
