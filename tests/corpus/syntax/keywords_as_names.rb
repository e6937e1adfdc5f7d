runbook release, "Release" do
  ask class, string, "Class"
#     ^^^^^ RB0040 `class` is a word of Ruby and cannot be a name here
# help: choose another, such as `class_`
  let next = 1
#     ^^^^ RB0040 `next` is a word of Ruby and cannot be a name here
# help: choose another, such as `next_`
  assert x == nil, "nothing"
#             ^^^ RB0040 `nil` is a word of Ruby and cannot be a name here
# help: write `null`
  assert self.ready, "ready"
#        ^^^^ RB0040 `self` is a word of Ruby and cannot be a name here
# help: choose another, such as `self_`
end
